using System.Runtime.InteropServices;
using RealTimeMesh.AppHost.Running;

namespace RealTimeMesh.AppHost;

/// <summary>Ctrl+C and SIGTERM: the first asks for a drained stop, the second ends the process at once.</summary>
internal sealed class StopSignal : IDisposable
{
    private const int ExitForced = 130;

    private readonly CancellationTokenSource _source;
    private readonly List<PosixSignalRegistration> _registrations = [];

    private StopSignal(CancellationTokenSource source) => _source = source;

    public CancellationToken Token => _source.Token;

    public static StopSignal Register(HostReporter reporter, CancellationToken outer)
    {
        var signal = new StopSignal(CancellationTokenSource.CreateLinkedTokenSource(outer));
        foreach (var kind in (PosixSignal[])[PosixSignal.SIGINT, PosixSignal.SIGTERM])
        {
            signal._registrations.Add(PosixSignalRegistration.Create(kind, context =>
            {
                context.Cancel = true;
                if (signal._source.IsCancellationRequested)
                    Environment.Exit(ExitForced);
                reporter.Line("stopping: draining what is under way (once more to stop at once)");
                signal._source.Cancel();
            }));
        }

        return signal;
    }

    public void Dispose()
    {
        foreach (var registration in _registrations)
            registration.Dispose();
        _source.Dispose();
    }
}
