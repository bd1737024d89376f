#include "CBuild.h"

const char *purser_commit(void) { return PURSER_COMMIT; }
