/* What XS calls of the compiled kernels. Buffers are taken anew at every call, for a collection may move them,
   and nothing is allocated meanwhile; whatever the JavaScript side could get wrong is a RangeError. */
#include "xsmc.h"
#include "kernels.h"
#if FLINT_TWO_CORES
	#include "cores.h"
#endif

enum { MAGIC, VERSION, FILE_BYTES, CHECKSUM, ROUNDING, ARENA_BYTES, OPERATOR_COUNT = 9 }; /* Header in format.ts */
enum { HEADER_WORDS = 20, POINTERS = 8 };

typedef struct {
	void *data;
	uint32_t size;
} Buffer;

static Buffer bufferOf(xsMachine *the, xsSlot *slot, bool isWritten)
{
	xsUnsignedValue size;
	Buffer buffer;
	if (isWritten)
		xsmcGetBufferWritable(*slot, &buffer.data, &size);
	else
		xsmcGetBufferReadable(*slot, &buffer.data, &size);
	buffer.size = size;
	return buffer;
}

/* The file as words; its header has been checked. */
static const int32_t *wordsOf(xsMachine *the, xsSlot *slot)
{
	Buffer file = bufferOf(the, slot, false);
	const int32_t *words = file.data;
	if (file.size < HEADER_WORDS * 4 || ((uintptr_t)words & 3) || words[FILE_BYTES] < HEADER_WORDS * 4 || file.size < (uint32_t)words[FILE_BYTES])
		xsRangeError("not a model file");
	return words;
}

static Model modelOf(xsMachine *the, xsSlot *file, xsSlot *arena)
{
	const int32_t *words = wordsOf(the, file);
	Buffer memory = bufferOf(the, arena, true);
	if (memory.size < (uint32_t)words[ARENA_BYTES])
		xsRangeError("the arena is too small");
	return (Model){ .words = words, .bytes = (const int8_t *)words, .arena = memory.data, .single = words[ROUNDING] == 1 };
}

void xs_flint_version(xsMachine *the)
{
	xsmcSetInteger(xsResult, FLINT_VERSION);
}

/* check(file): the integers that its kernels keep, or -1 when something is wrong with it. */
void xs_flint_check(xsMachine *the)
{
	const int32_t *words = wordsOf(the, &xsArg(0));
	int wrong = flint_fileChecksum(words, CHECKSUM + 1, words[FILE_BYTES] >> 2) != words[CHECKSUM] || flint_whatIsWrong(words);
	xsmcSetInteger(xsResult, wrong ? -1 : flint_scratchNeeded(words));
}

/* run(file, arena, scratch, index) */
void xs_flint_run(xsMachine *the)
{
	xsIntegerValue index = xsmcToInteger(xsArg(3));
	Model model = modelOf(the, &xsArg(0), &xsArg(1));
	Buffer scratch = bufferOf(the, &xsArg(2), true);
	if (index < 0 || index >= model.words[OPERATOR_COUNT])
		xsRangeError("there is no such operator");
	if (scratch.size < (uint32_t)flint_scratchOf(model.words, index) * 4)
		xsRangeError("the scratch is too small");
	model.pointers = scratch.data;
	model.sums = model.pointers + POINTERS;
	model.taps = model.sums + flint_sumsOf(model.words, index);
#if FLINT_TWO_CORES
	if ((int8_t *)scratch.data != model.arena + model.words[ARENA_BYTES])
		xsRangeError("the scratch does not lie behind the arena");
	flint_runOnCores(&model, index);
#else
	flint_runKernel(&model, index);
#endif
}

/* writeGolden(file, arena) */
void xs_flint_writeGolden(xsMachine *the)
{
	Model model = modelOf(the, &xsArg(0), &xsArg(1));
	flint_writeGolden(&model);
}

/* crc32(bytes, begin, end) */
void xs_flint_crc32(xsMachine *the)
{
	xsIntegerValue begin = xsmcToInteger(xsArg(1)), end = xsmcToInteger(xsArg(2));
	Buffer bytes = bufferOf(the, &xsArg(0), false);
	if (begin < 0 || end < begin || (uint32_t)end > bytes.size)
		xsRangeError("the bytes lie outside the buffer");
	xsmcSetInteger(xsResult, flint_crc32(bytes.data, begin, end));
}

/* resample(file, offset, pixels, width, height, format, orientation, input) */
void xs_flint_resample(xsMachine *the)
{
	enum { WIDTH, HEIGHT, COLOR, RECIPE_WORDS = 11, GRAY = 0, MOST = 32767 }; /* Preprocessing in format.ts */
	enum { YUV422 = 4, ORIENTATIONS = 8 }; /* Pixel and Orientation in resample.ts */
	static const uint8_t bytesOf[] = { 1, 3, 2, 2, 2 };
	xsIntegerValue offset = xsmcToInteger(xsArg(1)), width = xsmcToInteger(xsArg(3)), height = xsmcToInteger(xsArg(4));
	xsIntegerValue format = xsmcToInteger(xsArg(5)), orientation = xsmcToInteger(xsArg(6));
	Buffer file = bufferOf(the, &xsArg(0), false), pixels = bufferOf(the, &xsArg(2), false), input = bufferOf(the, &xsArg(7), true);
	const int32_t *recipe = (const int32_t *)((const int8_t *)file.data + offset);
	if (offset < 0 || offset & 3 || file.size < RECIPE_WORDS * 4 || (uint32_t)offset > file.size - RECIPE_WORDS * 4)
		xsRangeError("the recipe lies outside the file");
	if (format < 0 || format > YUV422 || (format == YUV422 && width & 1) || orientation < 0 || orientation >= ORIENTATIONS ||
		width < 1 || width > MOST || height < 1 || height > MOST || (uint64_t)width * height * bytesOf[format] != pixels.size)
		xsRangeError("no such image");
	if (recipe[WIDTH] < 1 || recipe[WIDTH] > MOST / 2 || recipe[HEIGHT] < 1 || recipe[HEIGHT] > MOST / 2 ||
		(uint64_t)recipe[WIDTH] * recipe[HEIGHT] * (recipe[COLOR] == GRAY ? 1 : 3) > input.size)
		xsRangeError("the input is too small");
	flint_resample(recipe, pixels.data, width, height, format, orientation, input.data);
}
