using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;

namespace RealTimeMesh.ObjectStores.Tests;

/// <summary>What goes wrong with a request to a test server.</summary>
internal enum Fault
{
    None,

    /// <summary>Refused without effect: the store is busy.</summary>
    Busy,

    /// <summary>Done, but the connection ends before the answer.</summary>
    AnswerLost,

    /// <summary>S3's 409: another conditional put of the key is under way.</summary>
    Conflict,

    /// <summary>The connection ends before anything is done.</summary>
    Dropped,

    /// <summary>Answered only when the client has gone.</summary>
    Silent,
}

/// <summary>Chooses faults for requests and remembers what was asked.</summary>
internal sealed class TestFaults
{
    private readonly Random _random = new(17);
    private double _share;

    /// <summary>Such as <c>PUT t/_delta_log/0.json</c>.</summary>
    public ConcurrentQueue<string> Requests { get; } = new();

    /// <summary>Asked for each request before <see cref="Randomly"/>.</summary>
    public Func<string, Fault>? Of { get; set; }

    /// <summary>A wait before each answer.</summary>
    public TimeSpan Latency { get; set; }

    /// <summary>Lets a share of all requests fail in one way or another.</summary>
    public void Randomly(double share) => _share = share;

    public async Task<Fault> NextAsync(HttpContext context, string key)
    {
        var request = $"{context.Request.Method} {key}";
        Requests.Enqueue(request);
        if (Latency > TimeSpan.Zero)
            await Task.Delay(Latency, TimeProvider.System, context.RequestAborted);
        var fault = Of?.Invoke(request) ?? Fault.None;
        lock (_random)
        {
            if (fault == Fault.None && _random.NextDouble() < _share)
                fault = (Fault)_random.Next(1, 5);
        }

        return fault == Fault.Conflict && context.Request.Method != "PUT" ? Fault.Busy : fault;
    }

    /// <summary>Waits until the client gives up.</summary>
    public static async Task HangAsync(HttpContext context)
    {
        var gone = new TaskCompletionSource();
        await using var registration = context.RequestAborted.Register(gone.SetResult);
        await gone.Task.WaitAsync(TimeSpan.FromSeconds(60));
    }
}
