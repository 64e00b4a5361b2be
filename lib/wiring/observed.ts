import type { CycleDeps } from '../cycle-deps.ts';
import type { CycleObserver } from '../daemon/session.ts';
import { NvlError } from '../errors.ts';
import type { NomadClient } from '../nomad/client.ts';

/** The same ports of a cycle, and the observer is told what came of proofs and reloads. */
export const observedDeps = (deps: CycleDeps, observer: CycleObserver | undefined): CycleDeps =>
  observer === undefined
    ? deps
    : {
        ...deps,
        prove: async (candidate) => {
          try {
            const proof = await deps.prove(candidate);
            observer.proof(proof);
            return proof;
          } catch (error) {
            if (!deps.signal.aborted) observer.proof(undefined);
            throw error;
          }
        },
        reload: async (load) => {
          const result = await deps.reload(load);
          observer.reload(result);
          return result;
        },
      };

/** The same client, and the observer is told of each question that came to nothing. */
export const observedClient = (client: NomadClient, observer: CycleObserver | undefined): NomadClient => {
  if (observer === undefined) return client;
  const tell = (error: unknown): void => {
    if (error instanceof NvlError) observer.nomadError(error);
  };
  const methods = Object.entries(client).map(([name, method]) => {
    const observed = (...args: never[]): unknown => {
      const answer: unknown = Reflect.apply(method as (...args: never[]) => unknown, client, args);
      // Beside whoever waits for it, who is told all the same.
      if (answer instanceof Promise) answer.catch(tell);
      return answer;
    };
    return [name, observed];
  });
  return Object.fromEntries(methods) as NomadClient;
};

/** Both are told of all; `after` follows what a cycle came to. */
export const bothObservers = ({
  first,
  second,
  after,
}: {
  first: CycleObserver;
  second: CycleObserver;
  after: () => void;
}): CycleObserver => {
  const tellBoth =
    <K extends keyof CycleObserver>(what: K) =>
    (...args: Parameters<CycleObserver[K]>): void => {
      for (const observer of [first, second]) Reflect.apply(observer[what], observer, args);
      if (what === 'result' || what === 'failure' || what === 'templates') after();
    };
  return {
    result: tellBoth('result'),
    failure: tellBoth('failure'),
    templates: tellBoth('templates'),
    proof: tellBoth('proof'),
    reload: tellBoth('reload'),
    nomadError: tellBoth('nomadError'),
  };
};
