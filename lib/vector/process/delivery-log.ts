import type { VectorCommand } from '../config/command.ts';
import { runningRedact } from '../config/running-redact.ts';
import { createDeliveries, type DeliveryEvent, readDelivery } from './delivery.ts';

/** What the log of a Vector that runs so tells of its deliveries, line by line, without any value that it put into what it loads. */
export const watchDeliveries = (
  command: VectorCommand,
): Pick<ReturnType<typeof createDeliveries>, 'troubles' | 'clear'> & { see(line: string): void } => {
  const deliveries = createDeliveries();
  const see = async (line: string): Promise<void> => {
    const event = readDelivery(line);
    if (event !== undefined) deliveries.see({ ...event, said: await saidIn({ line, event, command }) });
  };
  return { see: (line) => void see(line), troubles: deliveries.troubles, clear: deliveries.clear };
};

/** Its reason may quote such a value: that is neither logged nor kept. */
const saidIn = async ({
  line,
  event,
  command,
}: {
  line: string;
  event: DeliveryEvent;
  command: VectorCommand;
}): Promise<string | undefined> => {
  if (event.said === undefined) return undefined;
  const redact = await runningRedact(command).catch(() => undefined);
  return redact && readDelivery(redact(line))?.said;
};
