import type { Supervisor } from '../process/supervise.ts';
import { askAndConfirm } from './ask-and-confirm.ts';
import type { Confirmer, Reloader } from './reloader.ts';

/** Reloads the Vector that nvl runs itself, and reads what it says; a confirmer helps out where it hides that. */
export const createSupervisedReloader = ({
  supervisor,
  confirmer,
}: {
  supervisor: Pick<Supervisor, 'reload'>;
  confirmer?: Confirmer | undefined;
}): Reloader => askAndConfirm({ name: 'supervised', ask: (o) => supervisor.reload(o), confirmer });
