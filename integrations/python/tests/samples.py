"""Texts of many kinds, written for the measure of the estimate."""

import base64
import json
import random
import uuid
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[3]
_random = random.Random(7)


def sources(folder, pattern):
    return [path.read_text() for path in sorted((REPOSITORY / folder).glob(pattern))[:25]]


COMMON = {
    "English": sources("docs", "*.md")
    + [
        "How much does the flour cost if two bags are 3.50 dollars and each further bag is 10% cheaper than the one before?",
        "Write a short, friendly letter to a neighbour who has lent you a ladder, and ask whether you may keep it until Sunday.",
        "Sarah has 12 apples. She gives 5 to Tom and buys 8 more. How many has she now? Answer with one number.",
        "THE OFFICE IS CLOSED ON MONDAY. PLEASE LEAVE PARCELS WITH THE PORTER.",
    ],
    "code": sources("Tests/Chaos", "*.py")
    + sources("Sources/Accounting/Usage", "*.swift")
    + sources("migrations", "*.sql"),
    "JSON": [
        json.dumps(
            json.loads((REPOSITORY / "docs/openapi.json").read_text())["components"]["schemas"][name], indent=indent
        )
        for name in ("Verdict", "Settlement", "Budget", "Report", "Problem")
        for indent in (None, 2)
    ],
    "random": [
        _random.randbytes(600).hex(),
        base64.b64encode(_random.randbytes(600)).decode(),
        " ".join(str(uuid.UUID(bytes=_random.randbytes(16))) for _ in range(20)),
        "\n".join(",".join(f"{_random.random() * 10**place:.4f}" for place in range(6)) for _ in range(30)),
    ],
}
OTHER_LANGUAGES = {
    "German": "Die Stadtwerke haben gestern angekündigt, dass die Straßenbahnlinie wegen Bauarbeiten für drei Wochen verkürzt fährt.",
    "French": "L'équipe a présenté hier, après de longues délibérations, le projet d'agrandissement de la bibliothèque municipale.",
    "Polish": "Wczoraj wieczorem mieszkańcy dowiedzieli się, że przebudowa mostu potrwa dłużej, niż zapowiadano na początku roku.",
    "Finnish": "Kaupunginhallitus päätti eilen illalla pitkän keskustelun jälkeen korottaa pysäköintimaksuja keskustassa.",
    "Russian": "Вчера вечером жители узнали, что ремонт моста продлится дольше, чем обещали в начале года.",
    "Greek": "Χθες το βράδυ οι κάτοικοι έμαθαν ότι η επισκευή της γέφυρας θα διαρκέσει περισσότερο.",
    "Arabic": "علم السكان مساء أمس أن إصلاح الجسر سيستغرق وقتا أطول مما كان متوقعا في بداية العام.",
    "Hindi": "कल शाम निवासियों को पता चला कि पुल की मरम्मत में पहले बताए गए समय से अधिक समय लगेगा।",
    "Thai": "เมื่อวานตอนเย็นชาวบ้านทราบว่าการซ่อมสะพานจะใช้เวลานานกว่าที่ประกาศไว้ตอนต้นปี",
    "Chinese": "昨天晚上居民得知，桥梁的维修时间将比年初公布的更长，公交车需要绕行三个月。",
    "Japanese": "昨夜、橋の修理が年初の発表より長くかかることが住民に知らされた。バスは三か月間迂回する。",
    "Korean": "어제저녁 주민들은 다리 보수 공사가 연초에 발표한 것보다 오래 걸린다는 소식을 들었다.",
    "Vietnamese": "Tối qua người dân được biết việc sửa cầu sẽ kéo dài hơn so với thông báo hồi đầu năm.",
    "emoji": "🎉🚀 The bridge is open 👩‍👩‍👧‍👦 again!! 💯💯 Drive safely 🏃🏽‍♀️➡️ 🇩🇪🇫🇷",
}
