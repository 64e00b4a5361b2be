import type { StandInNode } from './stand-in-node.ts';
import type { FileNews } from './task-log.ts';

/** Where a contender runs: a node of its own, a folder of its own, and the sink that all of them have alike. */
export type Site = {
  folder: string;
  node: StandInNode;
  /** Follows the log files from before the first: a yardstick needs no Nomad. */
  news: RelayedNews;
  /** The sink behind these components, as TOML. */
  sink: (inputs: string[]) => string;
  parse: Parse;
};

/** Whether each line is parsed, by the same program for all: not, by VRL's function alone, or by the sample that nvl ships. */
export type Parse = 'plain' | 'parse_logfmt' | 'logfmt';

/** One who collects the node's logs: nvl, a peer, or a yardstick that does less than either. */
export type Contender = {
  name: string;
  /** Labels that it gives to each event; none of a yardstick. */
  labels: readonly string[];
  start: (site: Site) => Promise<RunningContender>;
};

export type RunningContender = {
  /** Vector's process; looked up anew each time, as a daemon may start it again. */
  vectorPid: () => number;
  /** What stands beside Vector and tells it what to collect. */
  daemonPid?: number;
  /** A file that holds what Vector says. */
  log: string;
  /** What Vector has loaded. */
  configFiles: () => string[];
  end: () => Promise<void>;
};

/** A collector may take over the news of a node that is there already: it is told of all files so far, and of all to come. */
export type RelayedNews = { news: FileNews; follow: (follower: FileNews) => void };

export const relayNews = (): RelayedNews => {
  const files = new Map<string, { path: string; name: string }>();
  let follower: FileNews | undefined;
  return {
    news: {
      made: (file) => {
        files.set(file.name, file);
        follower?.made(file);
      },
      gone: (file) => {
        files.delete(file.name);
        follower?.gone(file);
      },
    },
    follow: (next) => {
      follower = next;
      for (const file of files.values()) next.made(file);
    },
  };
};

/** Vector says, beside its usual lines, which component it has started anew. */
export const VECTOR_LOG = 'info,vector::topology::running=debug';

/** The seven labels of an event; the stream is told by the name of the file. */
export const LABELS = ['namespace', 'node_name', 'job_name', 'group_name', 'task_name', 'alloc_id', 'stream'] as const;
