import node from '@astrojs/node';
import { defineConfig, passthroughImageService } from 'astro/config';

/** As the portal's own build is set up, with nothing of the portal in it. */
export default defineConfig({
  output: 'server',
  adapter: node({ mode: 'middleware', experimentalDisableStreaming: true }),
  session: false,
  image: { service: passthroughImageService() },
  devToolbar: { enabled: false },
  compressHTML: true,
});
