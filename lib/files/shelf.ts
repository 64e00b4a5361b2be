import { lstatSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { hasCode } from '../errors.ts';
import { parseLinkName } from '../link-name.ts';
import { type Asides, createAsides } from './asides.ts';
import { fileKey } from './file-key.ts';
import { type FilePlaces, pinPath } from './log-files.ts';
import { isAllocId, linkNameOf } from './log-name.ts';
import { ensureFolder, namesIn, removeIfEmpty, removeIfThere } from './own-folders.ts';

/** Where a link of nvl's own lies: held until its task is known, where Vector reads, or delivered and out of its sight. */
export type LinkPlace =
  | { kind: 'held'; allocId: string; name: string }
  /** Of a task's stem; the folder is its pipeline's. */
  | { kind: 'link'; id: string; pipeline: string; name: string }
  | {
      kind: 'pin' /** Whose file it is, and the pipeline that read it, where that is known. */;
      id?: string;
      pipeline?: string;
    };

/** Where Vector reads a task's log of this name. */
export const linkPlaceOf = ({
  id,
  pipeline,
  name,
}: {
  id: string;
  pipeline: string;
  name: string;
}): Extract<LinkPlace, { kind: 'link' }> => ({ kind: 'link', id, pipeline, name: linkNameOf({ id, name }) });

/** A link of nvl's own to one log file. It has exactly one, which is renamed from place to place. */
export type OwnLink = {
  /** Device and inode of what it leads to. */
  key: string;
  path: string;
  isHard: boolean;
  place: LinkPlace;
  /** When it came to its place, in ms. */
  since: number;
  /** Where in Nomad's folders its file was seen: `<allocation>/<name>`. */
  seenAt?: string;
};

/**
 * All links of nvl's own, by what they lead to. The disk is the truth, and read at the start: each step is one rename, so
 * an nvl that was killed between two of them finds every file where the last one left it.
 */
export class Shelf {
  readonly places: FilePlaces;
  readonly #links = new Map<string, OwnLink>();
  readonly #held = new Map<string, Set<OwnLink>>();
  readonly #linked = new Map<string, Set<OwnLink>>();
  readonly #seen = new Map<string, OwnLink>();
  readonly #suspects = new Set<OwnLink>();
  readonly #touched = new Set<string>();
  readonly asides: Asides;

  constructor(places: FilePlaces) {
    this.places = places;
    this.asides = createAsides({ held: places.held });
    for (const name of namesIn(places.held)) {
      const path = join(places.held, name);
      // What was being made when nvl was killed.
      if (!isAllocId(name)) removeIfThere(path);
      else this.#load({ dir: path, placeOf: (file) => ({ kind: 'held', allocId: name, name: file }) });
    }
    for (const pipeline of namesIn(places.links)) {
      this.#load({
        dir: join(places.links, pipeline),
        placeOf: (name) => {
          const id = parseLinkName(name)?.stem;
          return id === undefined ? undefined : { kind: 'link', id, pipeline, name };
        },
      });
    }
    this.#load({ dir: places.pins, placeOf: () => ({ kind: 'pin' }) });
  }

  get(key: string): OwnLink | undefined {
    return this.#links.get(key);
  }

  all(): OwnLink[] {
    return [...this.#links.values()];
  }

  heldOf(allocId: string): OwnLink[] {
    return [...(this.#held.get(allocId) ?? [])];
  }

  holds(allocId: string): boolean {
    return this.#held.has(allocId);
  }

  heldAllocs(): string[] {
    return [...this.#held.keys()];
  }

  linksOf(id: string): OwnLink[] {
    return [...(this.#linked.get(id) ?? [])];
  }

  linkedIds(): string[] {
    return [...this.#linked.keys()];
  }

  /** True for a file that is nvl's already, which is now seen there. */
  sees({ key, seenAt }: { key: string; seenAt: string }): boolean {
    const own = this.#links.get(key);
    if (own !== undefined && own.seenAt !== seenAt) {
      this.#unsee(own);
      own.seenAt = seenAt;
      this.#seen.set(seenAt, own);
    }
    return own !== undefined;
  }

  /** Something changed at this name of Nomad's: its file may be gone. */
  suspect(seenAt: string): void {
    const own = this.#seen.get(seenAt);
    if (own !== undefined) this.#suspects.add(own);
  }

  /** Those that were suspected since the last call. */
  takeSuspects(): OwnLink[] {
    const all = [...this.#suspects];
    this.#suspects.clear();
    return all;
  }

  /** The sources whose links came or went since the last call. */
  takeTouched(): string[] {
    const all = [...this.#touched];
    this.#touched.clear();
    return all;
  }

  #unsee(own: OwnLink): void {
    if (own.seenAt !== undefined && this.#seen.get(own.seenAt) === own) this.#seen.delete(own.seenAt);
  }

  /** Gives what was linked aside its place. */
  add({ aside, place, key, isHard }: { aside: string; place: LinkPlace; key: string; isHard: boolean }): void {
    const own: OwnLink = { key, path: aside, isHard, place: { kind: 'pin' }, since: Date.now() };
    try {
      this.move(own, place);
    } catch (error) {
      this.#forget(own);
      this.asides.discard(aside);
      throw error;
    }
  }

  /** A link that a grabber made in `held`. */
  enterHeld({ key, allocId, name }: { key: string; allocId: string; name: string }): OwnLink {
    // It had one name: what nvl knows by this key is the link to a file that is gone, and somebody took it away.
    const stale = this.#links.get(key);
    if (stale !== undefined) this.#forget(stale);
    const place: LinkPlace = { kind: 'held', allocId, name };
    const own: OwnLink = { key, path: this.#pathOf({ place, key }), isHard: true, place, since: Date.now() };
    const seenAt = `${allocId}/${name}`;
    this.suspect(seenAt);
    this.#enter(own);
    this.sees({ key, seenAt });
    return own;
  }

  /** False for one that somebody took away. */
  move(own: OwnLink, place: LinkPlace): boolean {
    const path = this.#pathOf({ place, key: own.key });
    this.#makeFolderFor(place);
    if (place.kind === 'link') this.#makeWay({ ...place, path, key: own.key });
    this.#forget(own);
    try {
      renameSync(own.path, path);
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return false;
      this.#enter(own);
      throw error;
    }
    this.#enter(Object.assign(own, { path, place, since: Date.now() }));
    return true;
  }

  drop(own: OwnLink): void {
    this.#forget(own);
    this.#unsee(own);
    removeIfThere(own.path);
    if (own.place.kind === 'held') removeIfEmpty(join(this.places.held, own.place.allocId));
  }

  /** The folder that a pipeline reads. Throws where something that is not nvl's lies in its place. */
  makeLinkFolder(pipeline: string): void {
    this.#makeFolderFor({ kind: 'link', id: '', pipeline, name: '' });
  }

  /** Where nothing is in it any more. */
  removeLinkFolder(pipeline: string): void {
    removeIfEmpty(join(this.places.links, pipeline));
  }

  /** Forgets the links where Vector reads that somebody took away; gives the stems of their tasks. */
  forgetLost(): string[] {
    const namesOf = new Map<string, ReadonlySet<string>>();
    const lost: { own: OwnLink; id: string }[] = [];
    // One look at each folder: a look at each of thousands of links would take longer than all else in a cycle.
    for (const own of this.#links.values()) {
      const { place } = own;
      if (place.kind !== 'link') continue;
      const names = namesOf.get(place.pipeline) ?? new Set(namesIn(join(this.places.links, place.pipeline)));
      namesOf.set(place.pipeline, names);
      if (!names.has(place.name)) lost.push({ own, id: place.id });
    }
    for (const { own } of lost) this.#forget(own);
    return lost.map(({ id }) => id);
  }

  #load({ dir, placeOf }: { dir: string; placeOf: (name: string) => LinkPlace | undefined }): void {
    for (const name of namesIn(dir)) {
      const path = join(dir, name);
      const place = placeOf(name);
      const found = lstatSync(path, { bigint: true, throwIfNoEntry: false });
      // A pin's name says what a symbolic link leads to. Where Vector reads, the next look at the log folder makes it anew.
      if (place === undefined) continue;
      const isSymbolic = found?.isSymbolicLink() === true;
      if (isSymbolic && place.kind === 'held') removeIfThere(path);
      if (found === undefined || !(found.isFile() || (isSymbolic && place.kind === 'pin'))) continue;
      const key = isSymbolic ? name.replace('-', ':') : fileKey(found);
      if (this.#links.has(key)) removeIfThere(path);
      else this.#enter({ key, path, isHard: !isSymbolic, place, since: Date.now() });
    }
  }

  #groupOf(place: LinkPlace): { of: Map<string, Set<OwnLink>>; name: string } | undefined {
    if (place.kind === 'held') return { of: this.#held, name: place.allocId };
    return place.kind === 'link' ? { of: this.#linked, name: place.id } : undefined;
  }

  #enter(own: OwnLink): void {
    this.#links.set(own.key, own);
    if (own.place.kind === 'link') this.#touched.add(own.place.id);
    const group = this.#groupOf(own.place);
    group?.of.set(group.name, (group.of.get(group.name) ?? new Set()).add(own));
  }

  #forget(own: OwnLink): void {
    if (this.#links.get(own.key) === own) this.#links.delete(own.key);
    const group = this.#groupOf(own.place);
    const set = group?.of.get(group.name);
    set?.delete(own);
    if (set?.size === 0) group?.of.delete(group.name);
  }

  #pathOf({ place, key }: { place: LinkPlace; key: string }): string {
    const { places } = this;
    if (place.kind === 'pin') return pinPath({ places, key });
    return place.kind === 'held'
      ? `${places.held}/${place.allocId}/${place.name}`
      : `${places.links}/${place.pipeline}/${place.name}`;
  }

  #makeFolderFor(place: LinkPlace): void {
    if (place.kind === 'held') ensureFolder({ folder: join(this.places.held, place.allocId), mode: 0o700 });
    if (place.kind === 'link') ensureFolder({ folder: join(this.places.links, place.pipeline), mode: 0o755 });
  }

  /** A file of the same name that is another one: Nomad began to count anew. What it said may not be read yet. */
  #makeWay({ id, pipeline, path, key }: { id: string; pipeline: string; path: string; key: string }): void {
    const inTheWay = this.linksOf(id).find((own) => own.path === path && own.key !== key);
    if (inTheWay !== undefined) this.move(inTheWay, { kind: 'pin', id, pipeline });
  }
}
