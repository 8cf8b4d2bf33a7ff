// A value that screens watch: the one kind of state that is shared.
import { useEffect, useState } from "preact/hooks";

export class Store {
  constructor(value) {
    this.value = value;
    this.watchers = new Set();
  }

  set(value) {
    if (Object.is(value, this.value)) return;
    this.value = value;
    for (const watcher of [...this.watchers]) watcher(value);
  }

  update(change) {
    this.set(change(this.value));
  }

  watch(watcher) {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  }
}

export function useStore(store) {
  const [value, setValue] = useState(store.value);
  useEffect(() => {
    setValue(store.value); // what was set between the drawing and now
    return store.watch((next) => setValue(() => next));
  }, [store]);
  return value;
}
