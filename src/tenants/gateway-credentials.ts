/** The tenant's keys at a gateway. */
export interface GatewayKeys {
  /** Never leaves the server. */
  readonly secretKey: string;
  /** For the gateway's own form in the browser. */
  readonly publishableKey: string;
  /** What the gateway signs its webhooks with. */
  readonly webhookSecret: string;
}
