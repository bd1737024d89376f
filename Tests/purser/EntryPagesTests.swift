import JSON
import Testing

@testable import purser

@Suite struct EntryPagesTests {
    private let columns: [Column] = [.text("entry_id", isWide: true), .text("team"), .price("cost_usd", title: "USD")]

    private func entries(_ json: String) throws -> [JSONValue] { Array(try JSONDocument(text: json).root.elements) }

    @Test("later pages go on under the first one, headings come once")
    func table() throws {
        var pages = EntryPages(format: .table, columns: columns)
        let first = try entries(#"[{"entry_id":"e1","team":"research","cost_usd":"10.001"}]"#)
        #expect(pages.text(first, isFirst: true) == "TEAM         USD\nresearch  10.001\n")
        let second = try entries(#"[{"entry_id":2,"team":"a","cost_usd":"1"}]"#)
        #expect(pages.text(second, isFirst: false) == "a          1.000\n")
        #expect(pages.text([], isFirst: false) == "")
    }

    @Test("CSV has its header once, JSON one entry a line")
    func others() throws {
        let page = try entries(#"[{"entry_id":"e1","team":"a","cost_usd":"1"},{"entry_id":"e2"}]"#)
        var csv = EntryPages(format: .csv, columns: columns)
        #expect(
            csv.text(page, isFirst: true) + csv.text([], isFirst: false)
                == "entry_id,team,cost_usd\r\ne1,a,1\r\ne2,,\r\n")
        var json = EntryPages(format: .json, columns: columns)
        #expect(
            json.text(page, isFirst: true) == #"{"entry_id":"e1","team":"a","cost_usd":"1"}"# + "\n"
                + #"{"entry_id":"e2"}"# + "\n")
    }
}
