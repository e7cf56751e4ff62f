using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;

namespace RealTimeMesh.SidecarHost.Running;

/// <summary>Signals of the process: the first SIGINT or SIGTERM asks for a stop, the second ends at once; SIGHUP asks for a reload.</summary>
internal sealed class ProcessSignals : IDisposable
{
    private readonly List<PosixSignalRegistration> _registrations = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly ILogger _logger;
    private CancellationTokenSource _reload = new();
    private int _stops;

    public ProcessSignals(ILogger logger)
    {
        _logger = logger;
        _registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Stop(context, "interrupt")));
        _registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Stop(context, "terminated")));
        if (!OperatingSystem.IsWindows())
            _registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGHUP, Reload));
    }

    public CancellationToken Stopping => _stop.Token;

    /// <summary>Cancelled by SIGHUP since the last <see cref="BeginRun"/>, and by a stop.</summary>
    public CancellationToken Reloading => Volatile.Read(ref _reload).Token;

    /// <summary>From here on SIGHUP ends the run that begins now.</summary>
    public void BeginRun()
    {
        var next = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        Interlocked.Exchange(ref _reload, next).Dispose();
    }

    /// <summary>Asks for a reload as SIGHUP does.</summary>
    public void RequestReload()
    {
        // Cancelled elsewhere: the caller may be part of what is about to stop.
        var reload = Volatile.Read(ref _reload);
        ThreadPool.QueueUserWorkItem(_ => Cancel(reload));
    }

    public void Dispose()
    {
        foreach (var registration in _registrations)
            registration.Dispose();
        _reload.Dispose();
        _stop.Dispose();
    }

    private static void Cancel(CancellationTokenSource source)
    {
        try
        {
            source.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The run it was for has ended.
        }
    }

    private void Stop(PosixSignalContext context, string name)
    {
        context.Cancel = true;
        if (Interlocked.Increment(ref _stops) > 1)
        {
            Log.SecondSignal(_logger, name);
            Environment.Exit(1);
        }

        Log.SignalReceived(_logger, name);
        // A signal that comes while the process ends finds it disposed of.
        Cancel(_stop);
    }

    private void Reload(PosixSignalContext context)
    {
        context.Cancel = true;
        Log.ReloadReceived(_logger);
        RequestReload();
    }
}
