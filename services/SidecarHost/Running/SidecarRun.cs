using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using RealTimeMesh.Components;
using RealTimeMesh.Sidecar;
using RealTimeMesh.Sidecar.Configurations;
using RealTimeMesh.Sidecar.Health;
using RealTimeMesh.SidecarHost.Flags;
using RealTimeMesh.SidecarHost.Logging;

namespace RealTimeMesh.SidecarHost.Running;

/// <summary>How a run of the runtime ended.</summary>
internal enum RunOutcome
{
    Stopped,

    /// <summary>The next run reads configuration and resources anew.</summary>
    Reload,

    /// <summary>With a line in the log.</summary>
    Failed,
}

/// <summary>The runtime from reading its configuration to the end of its last component. SIGHUP ends one run and begins the next.</summary>
internal sealed class SidecarRun(FlagSet flags, DaprdLoggerProvider logs, ProcessSignals signals)
{
    private readonly ILogger _logger = logs.CreateLogger("dapr.runtime");

    public async Task<RunOutcome> RunAsync()
    {
        var clock = Stopwatch.StartNew();
        signals.BeginRun();
        var interrupted = signals.Reloading;
        try
        {
            var setup = await SetupAsync(interrupted);
            // Ends after the sidecar, which takes itself out of it.
            await using var names = setup.Names as IAsyncDisposable;
            await using var app = SidecarApp.Build(setup);
            try
            {
                await app.StartAsync(interrupted);
            }
            catch (Exception) when (interrupted.IsCancellationRequested)
            {
                // Asked to stop while it was starting: no fault.
                return Outcome();
            }

            Announce(app, setup.Options, clock.ElapsedMilliseconds);
            await StoppingAsync(app, interrupted);
            return await StopAsync(app, setup.Options.GracefulShutdown);
        }
        catch (OperationCanceledException) when (interrupted.IsCancellationRequested)
        {
            return Outcome();
        }
        catch (Exception exception)
        {
            Log.Fatal(_logger, exception.Message);
            return RunOutcome.Failed;
        }
    }

    private RunOutcome Outcome() => signals.Stopping.IsCancellationRequested ? RunOutcome.Stopped : RunOutcome.Reload;

    private async Task<SidecarSetup> SetupAsync(CancellationToken cancellationToken)
    {
        var files = flags.Texts("config");
        if (files.Count > 0)
            Log.LoadingConfiguration(_logger, string.Join(", ", files));
        else
            Log.DefaultConfiguration(_logger);
        var configuration = ConfigurationReader.Read(files, Environment.GetEnvironmentVariable);
        if (!flags.Truth("enable-metrics"))
            configuration = configuration with { Metrics = configuration.Metrics with { Enabled = false } };
        ConfigurationLines.Write(configuration, _logger);
        var options = new SettingsReader(flags, Environment.GetEnvironmentVariable).Read(configuration);
        Log.ModeConfigured(_logger);
        Log.AppIdConfigured(_logger, options.AppId);
        if (options.GracefulShutdown == Timeout.InfiniteTimeSpan)
            Log.GraceInfinite(_logger);
        return new SidecarSetup
        {
            Options = options,
            Configuration = configuration,
            Resources = Resources(await ComponentTypes.FindAsync(Environment.GetEnvironmentVariable, logs, cancellationToken)),
            Names = await NameResolvers.OpenAsync(configuration.NameResolution, TimeProvider.System, logs, cancellationToken),
            Logging = logging => logging.ClearProviders().SetMinimumLevel(LogLevel.Debug).AddProvider(logs),
            ForceExit = () => Environment.Exit(1),
        };
    }

    private SidecarResources Resources(ComponentTypeRegistry types)
    {
        var paths = flags.Texts("resources-path");
        if (paths.Count == 0 && flags.Text("components-path") is { Length: > 0 } former)
            paths = [former];
        var interval = flags.Duration("hot-reload-reconcile-interval");
        return new SidecarResources
        {
            Paths = paths,
            Types = types,
            Environment = Environment.GetEnvironmentVariable,
            Namespace = Environment.GetEnvironmentVariable("NAMESPACE"),
            ReconcileInterval = interval > TimeSpan.Zero ? interval : TimeSpan.FromSeconds(60),
            RequestRestart = signals.RequestReload,
        };
    }

    private void Announce(WebApplication app, SidecarOptions options, long milliseconds)
    {
        var ports = app.Services.GetRequiredService<SidecarPorts>();
        // As daprd: with sockets in their place the ports are still named.
        var hasPorts = options.UnixSocketFolder is null;
        Log.GrpcRunning(_logger, hasPorts ? ports.Grpc : options.GrpcPort);
        Log.HttpRunning(_logger, hasPorts ? ports.Http : options.HttpPort);
        Log.BodySize(_logger, options.MaxBodyBytes);
        if (options.InternalGrpcPort is not null)
            Log.InternalGrpcRunning(_logger, options.InternalGrpcListenAddress.ToString(), ports.InternalGrpc);
        Log.Initialized(_logger, milliseconds);
    }

    /// <summary>Waits for a signal or for the sidecar to end by itself. Only a signal is held back by <c>--dapr-block-shutdown-duration</c>.</summary>
    private async Task StoppingAsync(WebApplication app, CancellationToken interrupted)
    {
        var ended = app.Lifetime.ApplicationStopping;
        using (var either = CancellationTokenSource.CreateLinkedTokenSource(interrupted, ended))
        {
            var waiting = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await using var registration = either.Token.Register(waiting.SetResult);
            await waiting.Task;
        }

        if (ended.IsCancellationRequested || !flags.IsGiven("dapr-block-shutdown-duration"))
            return;
        var duration = flags.Duration("dapr-block-shutdown-duration");
        Log.Blocking(_logger, GoDuration.Format(duration));
        try
        {
            if (await app.Services.GetRequiredService<SidecarEnding>().BlockAsync(duration, ended))
                Log.BlockEndedByApp(_logger);
            else
                Log.BlockExpired(_logger);
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            // A shutdown through the API is not held back.
        }
    }

    private async Task<RunOutcome> StopAsync(WebApplication app, TimeSpan grace)
    {
        var ending = app.Services.GetRequiredService<SidecarEnding>();
        var byItself = app.Lifetime.ApplicationStopping.IsCancellationRequested && !signals.Reloading.IsCancellationRequested;
        Log.ShuttingDown(_logger);
        using var limit = new CancellationTokenSource();
        // The host's own limit must not cut requests off: exceeding the grace ends the process.
        var stopping = app.StopAsync(CancellationToken.None);
        var exceeded = ExceededAsync(ending.Drained, grace, limit.Token);
        if (await Task.WhenAny(stopping, exceeded) == exceeded && !stopping.IsCompleted)
        {
            Log.GraceExceeded(_logger);
            Environment.Exit(1);
        }

        await limit.CancelAsync();
        await stopping;
        Log.Stopped(_logger);
        if (ending.Fault is { } fault)
        {
            Log.Fatal(_logger, fault);
            return RunOutcome.Failed;
        }

        return byItself ? RunOutcome.Stopped : Outcome();
    }

    private static async Task ExceededAsync(Task drained, TimeSpan grace, CancellationToken cancellationToken)
    {
        await drained.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.Delay(grace, TimeProvider.System, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
