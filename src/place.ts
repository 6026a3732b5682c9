import { createListeners } from "./base/listeners.ts";
import type { Catalogue } from "./catalogue/catalogue.ts";
import { withoutWorkspace } from "./catalogue/unknown-workspace.ts";
import type { Engine } from "./engine.ts";
import { commandsOf } from "./names.ts";

/** The engine as one client has it, whose folder is the workspace where the catalogue leaves it to the client. */
export interface Place {
  /** Its catalogue is read for the folder of this client, and no other client's. */
  readonly engine: Engine;
  /** Names the folder, a real path; null: the client has none. Resolves when the catalogue for it counts. */
  turnTo(root: string | null): Promise<void>;
  /** Resolves when nothing is being read for it; undefined: nothing is. */
  settled(): Promise<void> | undefined;
  close(): void;
}

/** A catalogue that was read for a folder. */
interface Own {
  readonly root: string;
  readonly catalogue: Catalogue;
}

export function createPlace(engine: Engine): Place {
  const listeners = createListeners<Catalogue>();
  let root: string | null = null;
  /** Null: the engine's own catalogue counts. */
  let own: Own | null = null;
  let known = engine.catalogue();
  let turning: Promise<void> | undefined;

  const catalogue = (): Catalogue => own?.catalogue ?? engine.catalogue();

  /** One after the other, so that the last one counts. */
  async function turn(): Promise<void> {
    if (root === null || !engine.catalogue().workspace.takesRoots) {
      settle(null);
      return turning;
    }
    const last = (turning ?? Promise.resolve()).then(read);
    turning = last;
    try {
      await last;
    } finally {
      if (turning === last) turning = undefined;
    }
  }

  async function read(): Promise<void> {
    const wanted = root;
    if (wanted === null) return;
    const next = await engine.catalogueAt(wanted);
    if (root !== wanted || !engine.catalogue().workspace.takesRoots) return;
    const last = own?.root === wanted ? own.catalogue : withoutWorkspace(engine.catalogue());
    settle({ root: wanted, catalogue: next ?? last });
  }

  function settle(next: Own | null): void {
    const before = known;
    own = next;
    known = catalogue();
    if (known !== before) listeners.tell(before);
  }

  const stop = engine.onReplace(() => void turn());
  return {
    engine: {
      ...engine,
      catalogue,
      find: (tool) => (own ? commandsOf(own.catalogue).get(tool) : engine.find(tool)),
      call: (request) => engine.call(own ? { ...request, catalogue: own.catalogue } : request),
      onReplace: listeners.add,
    },
    turnTo: (next) => {
      root = next;
      return turn();
    },
    settled: () => turning,
    close: stop,
  };
}
