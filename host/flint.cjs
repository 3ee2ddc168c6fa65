#!/usr/bin/env node
// Written for any Node, so that one that is too old is told so instead of failing on new syntax.
var fs = require('fs');
var path = require('path');
var cli = path.join(__dirname, '..', 'dist', 'host', 'cli.js');
var version = process.versions.node.split('.').map(Number);
if (version[0] < 20 || (version[0] === 20 && version[1] < 9)) {
  console.error('flint: Node ' + process.versions.node + ' is too old; 20.9 or newer is needed');
  process.exit(2);
} else if (!fs.existsSync(cli)) {
  console.error('flint: not built yet: npm ci && npm run build makes it');
  process.exit(2);
} else {
  import(require('url').pathToFileURL(cli).href).catch(function (error) {
    console.error(error);
    process.exit(1);
  });
}
