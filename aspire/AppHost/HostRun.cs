using Microsoft.AspNetCore.Connections;
using RealTimeMesh.AppHost.Draining;
using RealTimeMesh.AppHost.Running;
using RealTimeMesh.Contracts;
using Spectre.Console;

namespace RealTimeMesh.AppHost;

/// <summary>One run of the host: check everything, start, wait, stop.</summary>
internal sealed class HostRun(HostOptions options, TimeProvider time)
{
    private const int Ok = 0;
    private const int Failed = 1;
    private const int Misconfigured = 2;
    private const int MostStarts = 3;

    private readonly HostReporter _reporter = new(Terminal());

    /// <summary>Returns the process' exit code: 0, 1 with a printed reason, 2 where the configuration is wrong.</summary>
    public async Task<int> ExecuteAsync(CancellationToken cancellationToken)
    {
        HostConfiguration? configuration;
        IReadOnlyList<ConfigurationFault> faults;
        try
        {
            (configuration, faults) = HostConfiguration.Load(options);
        }
        catch (RealTimeMeshException exception)
        {
            _reporter.Error(exception.Message);
            return Misconfigured;
        }

        if (configuration is null)
        {
            foreach (var fault in faults)
                _reporter.Error(fault.ToString());
            _reporter.Line($"{faults.Count} fault{(faults.Count == 1 ? "" : "s")}; nothing was started.");
            return Misconfigured;
        }

        using var stopping = StopSignal.Register(_reporter, cancellationToken);
        try
        {
            using var data = DataFolder.Open(options.DataPath, options.Fresh);
            return await RunAsync(configuration, stopping.Token);
        }
        catch (RealTimeMeshException exception)
        {
            return Fail(exception.Message);
        }
        catch (OperationCanceledException) when (stopping.Token.IsCancellationRequested)
        {
            return options.UntilDrained ? Fail("stopped before the run was drained") : Ok;
        }
    }

    private async Task<int> RunAsync(HostConfiguration configuration, CancellationToken stopping)
    {
        using var telemetry = HostTelemetry.Start();
        var (plan, host) = await StartAsync(configuration, stopping);
        await using (host)
        {
            if (options.UntilDrained)
                return await DrainAsync(plan, stopping);
            await Task.Delay(Timeout.InfiniteTimeSpan, time, stopping);
            return Ok;
        }
    }

    /// <summary>Starts everything. Between choosing a port and taking it another program may be faster: then all is stopped and started on other ports.</summary>
    private async Task<(MeshPlan Plan, MeshHost Host)> StartAsync(HostConfiguration configuration, CancellationToken stopping)
    {
        for (var attempt = 1; ; attempt++)
        {
            List<string> notices = [];
            var plan = MeshPlan.Make(options, configuration.RunFile, configuration.Components, new Ports(options.FreePorts, notices.Add));
            _reporter.Line(plan.ConsoleUrl is { } console ? $"console  {console}" : "console  off (--no-console)");
            notices.ForEach(_reporter.Notice);
            var started = time.GetTimestamp();
            var host = new MeshHost(options, plan, configuration.ComponentTypes, time, _reporter);
            try
            {
                await host.StartAsync(stopping);
                _reporter.Apps(plan);
                _reporter.Line($"ready in {time.GetElapsedTime(started).TotalSeconds:0.0} s; data in {options.DataPath}; Ctrl+C drains and stops.");
                return (plan, host);
            }
            catch (IOException exception) when (exception.InnerException is AddressInUseException)
            {
                await host.DisposeAsync();
                if (attempt == MostStarts)
                    throw new RealTimeMeshException($"{exception.Message} Tried {attempt} times; expected free ports on the loopback interface. Stop what takes them, or try --free-ports.", exception);
                _reporter.Notice($"{exception.Message} Starting again on other ports.");
            }
            catch
            {
                await host.DisposeAsync();
                throw;
            }
        }
    }

    private async Task<int> DrainAsync(MeshPlan plan, CancellationToken stopping)
    {
        // A build of a large table takes its time: the watcher has its own limit for standing still.
        using var http = new HttpClient { Timeout = Timeout.InfiniteTimeSpan };
        var mesh = new MeshClient(http, Url("MESH_INGESTION_URL"), Url("MESH_STREAMPROCESSOR_URL"), Url("MESH_LAKEHOUSE_URL"), Url("MESH_SPARKJOBS_URL"));
        RunSummary summary;
        try
        {
            summary = await new DrainWatcher(mesh, time, options.StallTimeout, options.Ingest is null ? null : _reporter.Line).RunAsync(stopping);
        }
        catch (Exception exception) when (exception is RealTimeMeshException or HttpRequestException)
        {
            if (options.SummaryFile is { } failed)
                RunSummary.WriteFailure(failed, exception.Message);
            return Fail(exception.Message);
        }

        SummaryPrinter.Print(summary, _reporter);
        if (options.Ingest is { } ingest)
            SummaryPrinter.Print(ingest, await mesh.SourcesAsync(stopping), _reporter);
        if (options.SummaryFile is { } file)
            summary.Write(file);
        return summary.Succeeded ? Ok : Failed;

        Uri Url(string key) => plan.Apps.FirstOrDefault(app => app.InProcess?.AddressKey == key)?.Url
            ?? throw new RealTimeMeshException($"run file '{options.RunFile}': --until-drained needs the app behind {key}; expected ingestion, stream-processor, lakehouse and spark-jobs among the apps. Add it.");
    }

    /// <summary>A redirected output has no width of its own: tables are not folded to 80 columns there.</summary>
    private static IAnsiConsole Terminal()
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings());
        if (System.Console.IsOutputRedirected)
            console.Profile.Width = 160;
        return console;
    }

    private int Fail(string reason)
    {
        _reporter.Error(reason);
        return Failed;
    }
}
