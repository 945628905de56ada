// The small pictures of a page: each an address of bytes in memory, given back when too many are kept.

/** @import { Tile } from "./gallery_state.js" */
import { pictureUrl } from "./dom.js";

export class Pictures {
  constructor() {
    this.most = 60;
    /** By the key of a tile; the order is that in which they came. @type {Map<string, string>} */
    this.urls = new Map();
    /** @type {Set<string>} */
    this.asked = new Set();
  }

  /** @param {string} key */
  get(key) {
    return this.urls.get(key);
  }

  /**
   * Keep a picture, and return its address.
   * @param {string} key
   * @param {DataView} buffer
   * @param {string} format
   */
  put(key, buffer, format) {
    this.drop(key);
    const url = pictureUrl(buffer, format);
    this.urls.set(key, url);
    this.asked.delete(key);
    return url;
  }

  /** Call a picture otherwise: that of a run is its record's when it has ended. @param {string} old @param {string} key */
  rename(old, key) {
    const url = this.urls.get(old);
    if (url === undefined) return;
    this.urls.delete(old);
    if (this.urls.has(key)) URL.revokeObjectURL(url);
    else this.urls.set(key, url);
  }

  /** @param {string} key */
  drop(key) {
    const url = this.urls.get(key);
    if (url !== undefined) URL.revokeObjectURL(url);
    this.urls.delete(key);
  }

  /**
   * Return the tiles whose pictures must be asked for, and note that they are.
   * @param {Tile[]} tiles those in view
   */
  lacking(tiles) {
    const wanted = tiles.filter(
      ({ key, run, picture }) => !run && picture && !this.urls.has(key) && !this.asked.has(key),
    );
    for (const { key } of wanted) this.asked.add(key);
    return wanted;
  }

  /** Make room for one more: give back the oldest ones that are not in view. @param {ReadonlySet<string>} seen */
  makeRoom(seen) {
    for (const key of [...this.urls.keys()]) {
      if (this.urls.size < this.most) return;
      if (!seen.has(key) && !key.startsWith("run")) this.drop(key);
    }
  }

  close() {
    for (const url of this.urls.values()) URL.revokeObjectURL(url);
    this.urls.clear();
  }
}
