/* What the binding asks of the machine: a model's working memory, and a line on the serial port. */
#include "xsPlatform.h"
#include "xsmc.h"
#include "xsHost.h"

#if ESP32
	#include "driver/uart.h"
	#include "esp_heap_caps.h"
	#include "sdkconfig.h"
	/* Internal memory first: a board that has PSRAM gives large blocks from there, and that is slower. */
	static void *allocate(size_t size)
	{
		void *block = heap_caps_malloc(size, MALLOC_CAP_INTERNAL | MALLOC_CAP_8BIT);
		return block ? block : heap_caps_malloc(size, MALLOC_CAP_8BIT);
	}
#elif PICO_BUILD
	/* malloc itself, for what the Pico's SDK wraps around it stops the program when there is too little. */
	extern void *__real_malloc(size_t size);
	#define allocate __real_malloc
#else
	#define allocate c_malloc
#endif

#ifdef modGetLargestMalloc /* ESP-IDF tells it, and so does the host of tests */
	#define largestBlock() (size_t)modGetLargestMalloc()
#else
	/* By trying, from 32 MB down: the arena may have no more. */
	static size_t largestBlock(void)
	{
		size_t size = 0;
		for (size_t more = 1 << 24; more >= 64; more >>= 1) {
			void *block = allocate(size + more);
			if (block)
				size += more;
			c_free(block);
		}
		return size;
	}
#endif

static void release(void *block)
{
	c_free(block);
}

/* allocate(bytes): a buffer of zeros outside XS's heaps, which no collection moves; undefined where no block is free
   that is so large. */
void xs_flint_allocate(xsMachine *the)
{
	xsIntegerValue size = xsmcToInteger(xsArg(0));
	void *block = NULL;
	if (size < 0)
		xsRangeError("a buffer of less than nothing");
	xsResult = xsNewHostObject(release);
	block = allocate(size);
	if (!block) { /* a model that is no longer used may hold it */
		xsCollectGarbage();
		block = allocate(size);
	}
	if (!block) {
		xsmcSetUndefined(xsResult);
		return;
	}
	c_memset(block, 0, size);
	xsmcSetHostBuffer(xsResult, block, size);
}

/* largestBlock(): bytes of the largest block that could be allocated. */
void xs_flint_largestBlock(xsMachine *the)
{
	xsmcSetInteger(xsResult, (xsIntegerValue)largestBlock());
}

/* print(text): to the serial port where trace reaches nobody, in release builds for ESP32, whose console is off. */
void xs_flint_print(xsMachine *the)
{
#if ESP32 && CONFIG_ESP_CONSOLE_NONE && !defined(mxDebug)
	char *text = xsmcToString(xsArg(0));
	if (!uart_is_driver_installed(UART_NUM_0)) {
		uart_config_t settings = {
			.baud_rate = 115200, .data_bits = UART_DATA_8_BITS, .stop_bits = UART_STOP_BITS_1, .source_clk = UART_SCLK_DEFAULT
		};
		uart_driver_install(UART_NUM_0, 256, 0, 0, NULL, 0);
		uart_param_config(UART_NUM_0, &settings);
	}
	uart_write_bytes(UART_NUM_0, text, c_strlen(text));
#else
	(void)the;
#endif
}
