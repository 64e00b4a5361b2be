/** What is common to daemons that tests run: a Nomad that is asked each second, and edits that settle at once. `config` adds keys. */
export const daemonSettings = ({
  address,
  ...config
}: {
  /** Of Nomad. */
  address: string;
  [key: string]: unknown;
}) => ({
  root: 'root',
  nomad: { address, interval: '1s' },
  reload: { settle: '5ms:20ms' },
  ...config,
});

/** The files of a folder that such a daemon runs in: its configuration, and for its Vector a file of the team's and a data folder. */
export const daemonFiles = ({
  folder,
  address,
  config = {},
  team = '',
}: {
  folder: string;
  address: string;
  /** Keys beside those of `daemonSettings`. */
  config?: Record<string, unknown>;
  /** TOML below the team's `data_dir`. */
  team?: string;
}) => ({
  'nvl.json': daemonSettings({ address, ...config }),
  'data/.keep': '',
  'team.toml': `data_dir = "${folder}/data"\n${team}`,
});
