/** Of the sources of the device's library; the build writes it. Native code must be made of the same ones. */
export const VERSION: number = 0;
