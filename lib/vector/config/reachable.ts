/** An address that something of this machine listens at, as it is asked: who listens everywhere answers here. Pure. */
export const reachable = (address: string): string =>
  address.replace(/^0\.0\.0\.0:/, '127.0.0.1:').replace(/^\[::\]:/, '[::1]:');
