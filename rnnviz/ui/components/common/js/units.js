/** How a unit is called: by its number, and by its layer where there are several. */

/** Return how many units one layer of a reader has. */
export function unitsPerLayer(reader) {
  return reader.units / reader.layers;
}

/** Return "unit 5", or "layer 2, unit 5" where there are several layers. */
export function unitName(reader, unit) {
  if (reader.layers === 1) return `unit ${unit}`;
  const each = unitsPerLayer(reader);
  return `layer ${Math.floor(unit / each) + 1}, unit ${unit % each}`;
}

/** Return the same in few letters, for where there is little room: "L2, 5". */
export function shortUnitName(reader, unit) {
  if (reader.layers === 1) return String(unit);
  const each = unitsPerLayer(reader);
  return `L${Math.floor(unit / each) + 1}, ${unit % each}`;
}

/** Return how many units there are in words: "64 units", "2 layers of 32 units". */
export function countUnits(reader) {
  const each = `${unitsPerLayer(reader)} units`;
  return reader.layers === 1 ? each : `${reader.layers} layers of ${each}`;
}
