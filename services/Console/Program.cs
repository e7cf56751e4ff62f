using RealTimeMesh.Console;

await ConsoleApp.Build(args).RunAsync();
