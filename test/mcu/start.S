/* The LX106 begins at _reset, in a memory of its own; the code lies elsewhere, out of a jump's reach. */
	.section .reset, "ax"
	.global _reset
_reset:
	j load
	.balign 4
entry:
	.word _start
load:
	l32r a0, entry
	jx a0

	.section .text.start, "ax"
	.global _start
	.literal_position
_start:
	movi a1, stackTop
	call0 main
