/**
 * Does things one after the other, each in an event loop turn of its own, so that what blocks for a moment never blocks for the
 * sum of these moments. The first is done at once.
 */
export function createPace(): (thing: () => void) => void {
  const waiting: (() => void)[] = [];
  let isBusy = false;

  function next(): void {
    const thing = waiting.shift();
    isBusy = thing !== undefined;
    if (!thing) return;
    setImmediate(next);
    thing();
  }

  return (thing) => {
    waiting.push(thing);
    if (!isBusy) next();
  };
}
