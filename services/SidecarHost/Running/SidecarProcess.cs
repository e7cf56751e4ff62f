using Microsoft.Extensions.Logging;
using RealTimeMesh.SidecarHost.Flags;
using RealTimeMesh.SidecarHost.Logging;

namespace RealTimeMesh.SidecarHost.Running;

/// <summary>One sidecar as a process of its own, with daprd's flags, log and exit codes.</summary>
internal static class SidecarProcess
{
    public static async Task<int> RunAsync(string[] args)
    {
        FlagSet flags;
        try
        {
            flags = new FlagSet(DaprdFlags.All, args);
        }
        catch (FlagException exception)
        {
            await Console.Error.WriteLineAsync($"{exception.Message}{Environment.NewLine}{FlagUsage.Of(DaprdFlags.All)}");
            return 1;
        }

        if (flags.AsksForHelp)
            return await PrintAsync(FlagUsage.Of(DaprdFlags.All));
        if (flags.Truth("version"))
            return await PrintAsync(BuildInfo.Version);
        if (flags.Truth("build-info"))
            return await PrintAsync(BuildInfo.Text);
        if (flags.Truth("wait"))
            return await OutboundWait.RunAsync(flags.Text("dapr-http-port"));
        return await RunAsync(flags);
    }

    private static async Task<int> RunAsync(FlagSet flags)
    {
        LogWriter writer;
        LogLevel level;
        try
        {
            level = LogLevels.Parse(flags.Text("log-level")) ?? throw new FlagException($"invalid value for --log-level: {flags.Text("log-level")}");
            writer = LogWriter.Open(flags.Text("log-file"), flags.Truth("log-as-json"), flags.Text("app-id"));
        }
        catch (FlagException exception)
        {
            using var fallback = LogWriter.Open("", asJson: false, "");
            Log.Startup(new DaprdLoggerProvider(LogLevel.Information, fallback, TimeProvider.System).CreateLogger("dapr.runtime"), exception.Message);
            return 1;
        }

        using (writer)
        using (var logs = new DaprdLoggerProvider(level, writer, TimeProvider.System))
            return await RunAsync(flags, logs);
    }

    private static async Task<int> RunAsync(FlagSet flags, DaprdLoggerProvider logs)
    {
        var logger = logs.CreateLogger("dapr.runtime");
        Log.Starting(logger, BuildInfo.Version, BuildInfo.Commit);
        Log.LogLevelSet(logger, flags.Text("log-level"));
        FlagLines.Write(flags, logger);
        await using var memory = IdleMemory.Watch(TimeProvider.System);
        using var signals = new ProcessSignals(logs.CreateLogger("dapr.signals"));
        var run = new SidecarRun(flags, logs, signals);
        RunOutcome outcome;
        do
            outcome = await run.RunAsync();
        while (outcome == RunOutcome.Reload);
        if (outcome == RunOutcome.Failed)
            return 1;
        Log.ShutDown(logger);
        return 0;
    }

    private static async Task<int> PrintAsync(string text)
    {
        await Console.Out.WriteLineAsync(text);
        return 0;
    }
}
