// A mask as the bytes of a grey PNG. A canvas would do, but for a picture of 2048 pixels it keeps the page for a tenth of
// a second, after each stroke; here rows are copied as they are, and compressed beside the page.

const SIGNATURE = Uint8Array.of(137, 80, 78, 71, 13, 10, 26, 10);
const EIGHT_BITS_OF_GREY = [8, 0, 0, 0, 0]; // and deflate, the five filters, not interlaced (PNG, 11.2.1)
const POLYNOMIAL = 0xedb88320; // PNG, annex D

/** @param {Uint8Array} cells one byte a pixel, row by row @param {number} width @param {number} height */
export async function greyPng(cells, width, height) {
  const rows = new Uint8Array((width + 1) * height); // each begins with its filter: 0, none
  for (let y = 0; y < height; y += 1) rows.set(cells.subarray(y * width, (y + 1) * width), y * (width + 1) + 1);
  const zipped = new Blob([rows]).stream().pipeThrough(new CompressionStream("deflate"));
  const data = new Uint8Array(await new Response(zipped).arrayBuffer());
  const header = Uint8Array.of(...bigEndian(width), ...bigEndian(height), ...EIGHT_BITS_OF_GREY);
  const parts = [SIGNATURE, ...chunk("IHDR", header), ...chunk("IDAT", data), ...chunk("IEND", new Uint8Array())];
  return new DataView(await new Blob(parts).arrayBuffer());
}

/** @param {string} type @param {Uint8Array<ArrayBuffer>} data */
function chunk(type, data) {
  const name = new TextEncoder().encode(type);
  const length = Uint8Array.from(bigEndian(data.length));
  return [length, name, data, Uint8Array.from(bigEndian(checksum(name, data)))];
}

/** @param {number} value */
function bigEndian(value) {
  return [24, 16, 8, 0].map((shift) => (value >>> shift) & 255);
}

/** @param {Uint8Array[]} parts */
function checksum(...parts) {
  let sum = ~0;
  for (const byte of parts.flatMap((part) => [...part])) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit += 1) sum = (sum >>> 1) ^ (sum & 1 ? POLYNOMIAL : 0);
  }
  return ~sum;
}
