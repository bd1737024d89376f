// How often this process has asked for memory on the heap, on this thread.
long allocations(void);
// How many bytes of the heap are in use, whatever gaps there are.
long heap_bytes(void);
