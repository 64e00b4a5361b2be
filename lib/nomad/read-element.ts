import { messageOf, NvlError } from '../errors.ts';
import { objectOf } from '../json.ts';
import type { Allocation } from './allocation.ts';
import type { ListElement } from './list-elements.ts';
import { readAllocation } from './read-allocation.ts';

/** An element of Nomad's list that is no allocation to work with. Told by name, it costs the others nothing. */
export type ListFault = { key: string; heading: string; error: NvlError };

export type ReadElement = { allocation: Allocation } | { fault: ListFault };

/** What an element says may be secret, so a fault says nothing of it but its ID. */
export const readElement = ({ text, digest }: ListElement): ReadElement => {
  let said: string;
  try {
    said = text();
  } catch (error) {
    return { fault: faultOf({ why: messageOf(error), name: undefined, digest }) };
  }
  let value: unknown;
  try {
    value = JSON.parse(said);
  } catch {
    return { fault: faultOf({ why: 'it is no JSON', name: UUID_IN.exec(said)?.[1], digest }) };
  }
  return readValue({ value, digest });
};

/** The same of one that is parsed. `digest` tells it from others where it has no ID. */
export const readValue = ({ value, digest }: { value: unknown; digest: number }): ReadElement => {
  const allocation = readAllocation(value);
  return allocation === undefined ? { fault: unusable({ value, digest }) } : { allocation };
};

export const listedTwice = (id: string): ListFault => faultOf({ why: 'it is listed twice', name: id, digest: 0 });

const UUID_IN = /"ID":\s*"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"/i;

const unusable = ({ value, digest }: { value: unknown; digest: number }): ListFault => {
  const { ID } = objectOf(value);
  if (typeof ID !== 'string' || ID === '') return faultOf({ why: 'it has no ID', name: undefined, digest });
  const why = /^[\w-]+$/.test(ID) ? 'it names no task' : 'its ID is no UUID';
  return faultOf({ why, name: ID, digest });
};

const faultOf = ({ why, name, digest }: { why: string; name: string | undefined; digest: number }): ListFault => ({
  key: `list ${name ?? digest}`,
  heading: name === undefined ? "an element of Nomad's list" : `allocation ${shown(name)}`,
  error: new NvlError('nomadAnswer', {
    message: 'it is left out, since it is no allocation as Nomad writes them',
    facts: { why },
    advice: 'see what answers at nomad.address; all others are collected',
  }),
});

const MOST_SHOWN = 80;

const shown = (text: string): string =>
  JSON.stringify(text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}...` : text);
