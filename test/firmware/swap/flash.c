/* Flash that is a file, mapped; a write that would set bits is an error, as it has no effect on NOR flash. */
#include "xsmc.h"
#include "mc.xs.h"
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SECTOR = 4096 };

typedef struct {
	uint8_t *bytes;
	size_t size;
} Flash;

static Flash *flashOf(xsMachine *the)
{
	return xsmcGetHostChunk(xsThis);
}

/* The bytes that a call is about. */
static uint8_t *within(xsMachine *the, xsIntegerValue offset, xsIntegerValue count)
{
	Flash *flash = flashOf(the);
	if (offset < 0 || count <= 0 || (size_t)offset + (size_t)count > flash->size)
		xsUnknownError("outside the partition");
	return flash->bytes + offset;
}

void xs_file_flash_destructor(void *data)
{
}

void xs_file_flash(xsMachine *the)
{
	const char *path = getenv("FLASH");
	int file = path ? open(path, O_RDWR) : -1;
	struct stat status;
	Flash flash;
	if (c_strcmp(xsmcToString(xsArg(0)), "flint") || file < 0 || fstat(file, &status))
		xsUnknownError("can't find partition");
	flash.size = status.st_size;
	flash.bytes = mmap(NULL, flash.size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	close(file);
	if (flash.bytes == MAP_FAILED)
		xsUnknownError("map failed");
	xsmcSetHostChunk(xsThis, &flash, sizeof(flash));
}

void xs_file_flash_erase(xsMachine *the)
{
	c_memset(within(the, xsmcToInteger(xsArg(0)) * SECTOR, SECTOR), 255, SECTOR);
}

void xs_file_flash_read(xsMachine *the)
{
	xsIntegerValue offset = xsmcToInteger(xsArg(0)), count = xsmcToInteger(xsArg(1));
	within(the, offset, count);
	xsmcSetArrayBuffer(xsResult, NULL, count);
	c_memcpy(xsmcToArrayBuffer(xsResult), within(the, offset, count), count);
}

void xs_file_flash_write(xsMachine *the)
{
	xsIntegerValue offset = xsmcToInteger(xsArg(0)), count = xsmcToInteger(xsArg(1)), i;
	uint8_t *to = within(the, offset, count), *from;
	xsUnsignedValue size;
	xsmcGetBufferReadable(xsArg(2), (void **)&from, &size);
	if (size < (xsUnsignedValue)count || (offset | count) & 3)
		xsUnknownError("invalid");
	for (i = 0; i < count; i++)
		if (from[i] & ~to[i])
			xsUnknownError("a write would set bits");
	c_memcpy(to, from, count);
}

void xs_file_flash_map(xsMachine *the)
{
	Flash *flash = flashOf(the);
	xsResult = xsNewHostObject(NULL);
	xsmcSetHostBuffer(xsResult, flash->bytes, flash->size);
	xsmcPetrifyHostBuffer(xsResult);
}

void xs_file_flash_byteLength(xsMachine *the)
{
	xsmcSetInteger(xsResult, flashOf(the)->size);
}

void xs_file_flash_blockSize(xsMachine *the)
{
	xsmcSetInteger(xsResult, SECTOR);
}
