/** Moddable's module `flash` for the simulator: the partition is a file, which FLASH names. */
export default class Flash extends Native('xs_file_flash_destructor') {
  constructor(name) {
    super();
    native('xs_file_flash').call(this, name);
  }
  erase(sector) {
    native('xs_file_flash_erase').call(this, sector);
  }
  read(offset, byteLength) {
    return native('xs_file_flash_read').call(this, offset, byteLength);
  }
  write(offset, byteLength, buffer) {
    native('xs_file_flash_write').call(this, offset, byteLength, buffer);
  }
  map() {
    return native('xs_file_flash_map').call(this);
  }
  get byteLength() {
    return native('xs_file_flash_byteLength').call(this);
  }
  get blockSize() {
    return native('xs_file_flash_blockSize').call(this);
  }
}
