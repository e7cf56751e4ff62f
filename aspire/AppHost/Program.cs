using RealTimeMesh.AppHost;

var command = new HostCommand()
    .Build((options, cancellationToken) => new HostRun(options, TimeProvider.System).ExecuteAsync(cancellationToken), TimeProvider.System)
    .Parse(args);
// A mistyped option needs its error, not a page of help on standard output, where rows may be expected.
if (command.Action is System.CommandLine.Invocation.ParseErrorAction error && args.Length > 0)
    error.ShowHelp = false;
return await command.InvokeAsync(new() { ProcessTerminationTimeout = null });
