/** The module flint/partition of firmware. Where Moddable has no module `flash` there are no partitions. */
import Modules from 'modules';
import Resource from 'Resource';

/** `slice` of Resource makes a view of any host buffer. The view keeps the map, without which it would dangle. */
function view(begin, end) {
  const map = this.map(),
    part = Resource.prototype.slice.call(map, begin, end, false);
  part.map = map;
  return part;
}

export function openPartition(name) {
  if (!Modules.has('flash')) return undefined;
  const Flash = Modules.importNow('flash');
  let flash;
  try {
    flash = new Flash(name);
  } catch {
    return undefined; // the board's table of partitions has none of this name
  }
  flash.view = view;
  return flash;
}
