// How often this process has asked for memory on the heap, on this thread.
long allocations(void);
