import { availableParallelism } from 'node:os';

/**
 * How a Vector that nvl starts divides its work, where nobody said it: variables that Vector (0.57) reads as `--threads` and
 * `--chunk-size-events`.
 *
 * A file source notes what is delivered in one background task, line by line, some 64 lines at each of its turns. While all threads have
 * transforms to do, that task waits for dozens of turns of theirs, of a thousand events each: what is noted then falls behind by hundreds of
 * thousands of lines, all of them kept in memory, and read again after a crash. With threads to spare and small turns it keeps up
 * (measured in docs/decisions/0033-how-vector-divides-its-work.md).
 */
export const divideWork = ({
  env,
  processors = availableParallelism(),
}: {
  /** The variables that Vector would have. */
  env: Readonly<Record<string, string | undefined>>;
  processors?: number;
}): Record<string, string> => ({
  // By itself Vector takes one for each processor.
  ...(env.VECTOR_THREADS === undefined && processors < LEAST_THREADS && { VECTOR_THREADS: `${LEAST_THREADS}` }),
  ...(env.VECTOR_CHUNK_SIZE_EVENTS === undefined && { VECTOR_CHUNK_SIZE_EVENTS: `${EVENTS_A_TURN}` }),
});

const LEAST_THREADS = 8;
const EVENTS_A_TURN = 100;
