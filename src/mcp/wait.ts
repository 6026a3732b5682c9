/** Waits for a message that is on its way, but not beyond a time of `performance.now()`. */
export function settle(sending: Promise<void> | undefined, deadline: number): Promise<void> {
  if (!sending) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, deadline - performance.now());
    void sending.finally(() => clearTimeout(timer)).then(resolve);
  });
}
