#include "kernels.h"

/* Runs an operator on both cores where they share it, else on this one, and returns when all of it is done.
   The model's pointers, sums and taps are those of one core; they begin where the arena ends, and there are
   flint_scratchOf integers. */
void flint_runOnCores(Model *model, int32_t index);
