#include "kernels.h"

/* Runs an operator on both cores where they share it, else on this one, and returns when all of it is done.
   `scratch` begins where the arena ends, and has flint_scratchOf integers. */
void flint_runOnCores(const Model *model, int32_t index, int32_t *scratch);
