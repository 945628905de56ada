// Waiting: for a pause, and for what takes a while to be made.

/**
 * Return a function that acts once it has not been called for a while; its `now` acts at once if it is about to.
 * @param {number} milliseconds
 * @param {() => void} action
 */
export function later(milliseconds, action) {
  /** @type {ReturnType<typeof setTimeout> | null} */
  let timer = null;
  const stop = () => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
  };
  const schedule = () => {
    stop();
    timer = setTimeout(() => {
      timer = null;
      action();
    }, milliseconds);
  };
  schedule.now = () => {
    if (timer === null) return;
    stop();
    action();
  };
  return schedule;
}

/**
 * Return a function that makes something and hands it on: one at a time, so that the newest is handed on last. However
 * often it is called while one is made, only one more is made then; the promise that it returns waits for that.
 * @template Made
 * @param {() => Promise<Made>} make
 * @param {(made: Made) => void} take
 * @returns {() => Promise<void>}
 */
export function newest(make, take) {
  let isStale = false;
  /** @type {Promise<void> | null} */
  let running = null;
  const run = async () => {
    while (isStale) {
      isStale = false;
      take(await make());
    }
  };
  return () => {
    isStale = true;
    running ??= run().finally(() => {
      running = null;
    });
    return running;
  };
}
