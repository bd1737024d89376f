import CPostgres

package enum FreedMemory {
    /// Gives memory that was freed back to the system. The C library keeps it otherwise, for allocations of the same
    /// thread: after much was read once, such as a configuration, for nothing.
    package static func giveBack() { malloc_trim(0) }
}
