/// The least of all values since any earlier moment. Only values that no later one has undercut are kept, so they grow
/// from the first to the last.
struct SuffixMinima {
    private var kept: [(moment: Int, value: Int64)] = []

    mutating func add(_ value: Int64, at moment: Int) {
        while let last = kept.last, last.value >= value { kept.removeLast() }
        kept.append((moment, value))
    }

    /// The least value that was added at `moment` or later; nil where none was.
    func least(since moment: Int) -> Int64? {
        var (low, high) = (0, kept.count)
        while low < high {
            let middle = (low + high) / 2
            if kept[middle].moment < moment { low = middle + 1 } else { high = middle }
        }
        return low < kept.count ? kept[low].value : nil
    }
}
