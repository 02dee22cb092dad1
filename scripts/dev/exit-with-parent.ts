// Loaded into the server's process before it: whoever kills the parent outright, with no chance to
// tidy up, must not leave a server behind. Its end of the channel closes with the parent.
process.once('disconnect', () => process.exit());
process.channel?.unref();
