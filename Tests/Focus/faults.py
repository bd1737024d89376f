"""Ten faults that the official validator lets through, each planted in a row of usage."""
import csv

FAULTS = {
    "product": {"ListCost": "0.5"},
    "date": {"ChargePeriodStart": "{ChargePeriodStart:.19}.000Z"},
    "json": {"Tags": "{{\"team\": {{\"name\": \"nested\"}}}}"},
    "missing": {"SkuId": "", "SkuMeter": "", "SkuPriceId": "", "SkuPriceDetails": ""},
    "number": {"EffectiveCost": "+{EffectiveCost}"},
    "null": {"SkuMeter": "N/A"},
    "sku": {"SkuPriceId": "{other[SkuPriceId]}"},
    "correction": {"ChargeClass": "Correction"},
    "invoice": {"InvoiceId": "another"},
    "period": {"ChargePeriodEnd": "{ChargePeriodStart}"},
}


def plant(source, target):
    """Writes the first rows of a file with a fault in each of some rows of usage; returns the rule and line of each."""
    with open(source, newline="") as file:
        reader = csv.DictReader(file)
        rows = [row for row, _ in zip(reader, range(4_000))]
    usage = [place for place, row in enumerate(rows)
             if row["ChargeCategory"] == "Usage" and not row["ChargeClass"] and float(row["ListCost"]) > 0]
    # Far from each other, so that no row is compared with another that has a fault.
    places = usage[10::max(1, len(usage) // (len(FAULTS) + 1))]
    planted = {}
    for place, (rule, cells) in zip(places, FAULTS.items()):
        row = rows[place]
        other = next(rows[place] for place in usage[:10] if rows[place]["SkuId"] != row["SkuId"])
        for column, value in cells.items():
            row[column] = value.format(other=other, **row)
        planted[rule] = place + 2
    with open(target, "w", newline="") as file:
        writer = csv.DictWriter(file, reader.fieldnames, lineterminator="\r\n")
        writer.writeheader()
        writer.writerows(rows)
    return planted
