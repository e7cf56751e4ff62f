using Microsoft.Extensions.Logging;

namespace RealTimeMesh.Sidecar.App;

/// <summary>
/// The health of the app. Unhealthy until the first probe succeeds; then as many failed probes in a row as the threshold
/// says make it unhealthy, and one good probe makes it healthy again. Where health is not checked, the app is healthy as
/// soon as it has been found.
/// </summary>
internal sealed class AppHealth
{
    private readonly AppHealthOptions? _options;
    private readonly TimeProvider _time;
    private readonly ILogger<AppHealth> _logger;
    private readonly TaskCompletionSource _firstHealthy = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _firstProbed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _failures;

    public AppHealth(AppHealthOptions? options, TimeProvider time, ILogger<AppHealth> logger)
    {
        _options = options is null ? null : WithDefaults(options);
        _time = time;
        _logger = logger;
        _failures = Threshold;
    }

    /// <summary>Raised at each change of <see cref="IsHealthy"/>, one after the other. Handlers return at once: the next probe waits for them.</summary>
    public event Action<AppStatus>? Changed;

    public bool IsChecked => _options is not null;

    public bool IsHealthy => Volatile.Read(ref _failures) < Threshold;

    private int Threshold => _options?.Threshold ?? 1;

    /// <summary>Ends when the app has been healthy for the first time.</summary>
    public Task FirstHealthyAsync(CancellationToken cancellationToken) => _firstHealthy.Task.WaitAsync(cancellationToken);

    /// <summary>Ends when the app has been asked once, whatever it said.</summary>
    public Task FirstProbedAsync(CancellationToken cancellationToken) => _firstProbed.Task.WaitAsync(cancellationToken);

    /// <summary>Probes at once and then at each interval until it is cancelled.</summary>
    /// <param name="probe">Its exceptions are failed probes.</param>
    public async Task RunAsync(Func<CancellationToken, Task<AppStatus>> probe, CancellationToken cancellationToken)
    {
        if (_options is not { } options)
        {
            Set(AppStatus.Healthy);
            _firstProbed.TrySetResult();
            return;
        }

        Log.HealthProbesStarting(_logger);
        using var timer = new PeriodicTimer(options.ProbeInterval, _time);
        try
        {
            do
            {
                Log.ProbingHealth(_logger);
                await ProbeAsync(probe, options.ProbeTimeout, cancellationToken);
                _firstProbed.TrySetResult();
            }
            while (await timer.WaitForNextTickAsync(cancellationToken));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            Log.HealthProbesStopping(_logger);
        }
    }

    private async Task ProbeAsync(Func<CancellationToken, Task<AppStatus>> probe, TimeSpan limit, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(limit, _time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        AppStatus status;
        try
        {
            status = await probe(linked.Token);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            var cause = timeout.IsCancellationRequested ? "context deadline exceeded" : exception.Message;
            Set(new AppStatus(false, $"Probe error: {cause}"));
            Log.HealthProbeFailed(_logger, cause);
            return;
        }

        if (status.IsHealthy == IsHealthy)
        {
            Log.HealthUnchanged(_logger, status.IsHealthy ? "true" : "false");
            return;
        }

        Log.HealthChangeDetected(_logger, status.IsHealthy ? "true" : "false");
        Set(status);
    }

    private void Set(AppStatus status)
    {
        if (!status.IsHealthy)
        {
            if (Interlocked.Increment(ref _failures) != Threshold)
                return;
            Log.AppUnhealthy(_logger, status.Reason ?? "");
            Changed?.Invoke(status);
            return;
        }

        if (Interlocked.Exchange(ref _failures, 0) < Threshold)
            return;
        if (IsChecked)
            Log.AppHealthy(_logger);
        Changed?.Invoke(status);
        _firstHealthy.TrySetResult();
    }

    /// <summary>Zero means the default, as in daprd.</summary>
    private static AppHealthOptions WithDefaults(AppHealthOptions given)
    {
        var defaults = new AppHealthOptions();
        return given with
        {
            ProbeInterval = given.ProbeInterval > TimeSpan.Zero ? given.ProbeInterval : defaults.ProbeInterval,
            ProbeTimeout = given.ProbeTimeout > TimeSpan.Zero ? given.ProbeTimeout : defaults.ProbeTimeout,
            Threshold = given.Threshold > 0 ? given.Threshold : defaults.Threshold,
        };
    }
}
