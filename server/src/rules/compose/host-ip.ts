import { itemsOf, textAt, valueAt } from '#model/compose/tree.ts';
import { isAddress } from '../../compose/short-port.ts';
import type { ComposeRule } from '../compose-rule.ts';

export const invalidHostIp: ComposeRule = {
  id: 'invalid-host-ip',
  severity: 'error',
  title: 'The address that a port is published on is an IP address',
  *check({ services }) {
    for (const { key, value } of services) {
      for (const port of itemsOf(valueAt(value, 'ports'))) {
        const address = valueAt(port, 'host_ip');
        const text = textAt(address);
        if (address === undefined || text === undefined || text === '' || text.includes('$') || isAddress(text))
          continue;
        yield { span: address.span, message: `services.${key}.ports: invalid ip address: ${text}` };
      }
    }
  },
};
