using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using RealTimeMesh.Benchmarks.Load;

namespace RealTimeMesh.Benchmarks.Scenarios;

/// <summary>
/// Resident memory of Ingestion under clients that mean no good: one that sends a body of 2 GB slowly, some that send
/// requests and never read an answer, and 10,000 connections that each send a line now and then.
/// </summary>
internal sealed class IngestMemory(double megabytes) : IScenario
{
    private const int Lines = 5_000;
    private const int Connections = 10_000;
    private const int Rounds = 6;
    private const int Mute = 100;
    private const int MuteRequests = 1_000;

    /// <summary>A pause after each part of the slow body: 1 MB in 40 ms is at most 25 MB/s.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(40);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(5);

    public string Name => "ingest-memory";

    public string Description => "memory of Ingestion under a slow sender of 2 GB, clients that never read, 10,000 connections (--megabytes N)";

    public async Task<BenchmarkReport> RunAsync(CancellationToken cancellationToken)
    {
        var results = new Measurements();
        await using var ingest = await IngestProcess.StartAsync([], cancellationToken);
        results.Add("idle_mib", ingest.ResidentMebibytes);
        await SampleAsync("slow_sender", ingest, results, () => SlowSenderAsync(ingest, results, cancellationToken), cancellationToken);
        await SampleAsync("never_reads", ingest, results, () => NeverReadAsync(ingest, results, cancellationToken), cancellationToken);
        await SampleAsync("connections", ingest, results, () => ManyAsync(ingest, results, cancellationToken), cancellationToken);
        await Task.Delay(Settle, TimeProvider.System, cancellationToken);
        results.Add("after_mib", ingest.ResidentMebibytes);
        results.Add("peak_mib", ingest.PeakMebibytes);
        return new BenchmarkReport(
            Name,
            results.Values,
            string.Create(CultureInfo.InvariantCulture, $"one NDJSON request of {megabytes:N0} MB at 25 MB/s or slower; {Mute} connections that send {MuteRequests} requests of {Lines:N0} bad lines each, as far as they are taken, and read nothing; {Connections:N0} connections with an open NDJSON request, {Rounds} rounds of one line each; the largest resident memory by thirds of each step."));
    }

    /// <summary>Runs a step and takes note of the largest memory in each third of its time.</summary>
    private static async Task SampleAsync(string step, IngestProcess ingest, Measurements results, Func<Task> run, CancellationToken cancellationToken)
    {
        var samples = new List<double> { ingest.ResidentMebibytes };
        var running = run();
        while (await Task.WhenAny(running, Task.Delay(Poll, TimeProvider.System, cancellationToken)) != running)
            samples.Add(ingest.ResidentMebibytes);
        await running;
        samples.Add(ingest.ResidentMebibytes);
        for (var third = 0; third < 3; third++)
            results.Add($"{step}.mib_third_{third + 1}", samples.Skip(samples.Count * third / 3).Take(Math.Max(1, samples.Count / 3)).Max());
    }

    private async Task SlowSenderAsync(IngestProcess ingest, Measurements results, CancellationToken cancellationToken)
    {
        using var client = new HttpClient { BaseAddress = ingest.Address, Timeout = Timeout.InfiniteTimeSpan };
        using var body = new Slow(IngestEvents.Lines(Lines, 1), (long)(megabytes * 1_000_000), cancellationToken);
        body.Headers.ContentType = new MediaTypeHeaderValue("application/x-ndjson");
        var started = TimeProvider.System.GetTimestamp();
        using var response = await client.PostAsync($"/v1/streams/{IngestEvents.Plain}/events", body, cancellationToken);
        var answer = await response.Content.ReadAsStringAsync(cancellationToken);
        if (response.StatusCode != HttpStatusCode.Accepted)
            throw new InvalidOperationException($"the slow request's answer is {(int)response.StatusCode}: {answer}; expected 202");
        results.Add("slow_sender.seconds", TimeProvider.System.GetElapsedTime(started).TotalSeconds);
    }

    /// <summary>Every line is refused, so that answers are as long as they get.</summary>
    private static async Task NeverReadAsync(IngestProcess ingest, Measurements results, CancellationToken cancellationToken)
    {
        var body = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("{\"id\":1}\n", Lines)));
        byte[] request = [.. Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"POST /v1/streams/{IngestEvents.Plain}/events HTTP/1.1\r\nHost: mesh\r\nContent-Type: application/x-ndjson\r\nContent-Length: {body.Length}\r\n\r\n")), .. body];
        var sockets = await ConnectAsync(ingest, Mute, cancellationToken);
        long taken = 0;
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(TimeSpan.FromSeconds(60));
            await Task.WhenAll(sockets.Select(async socket =>
            {
                try
                {
                    for (var i = 0; i < MuteRequests; i++)
                    {
                        for (var sent = 0; sent < request.Length;)
                            sent += await socket.SendAsync(request.AsMemory(sent), limit.Token);
                        Interlocked.Increment(ref taken);
                    }
                }
                catch (Exception e) when (e is SocketException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
                {
                    // Cut off, or no longer listened to: both are what should become of it.
                }
            }));
        }
        finally
        {
            sockets.ForEach(socket => socket.Dispose());
        }

        results.Add("never_reads.requests_sent", taken);
    }

    private static async Task ManyAsync(IngestProcess ingest, Measurements results, CancellationToken cancellationToken)
    {
        var sockets = await ConnectAsync(ingest, Connections, cancellationToken);
        try
        {
            var head = Encoding.ASCII.GetBytes($"POST /v1/streams/{IngestEvents.Plain}/events HTTP/1.1\r\nHost: mesh\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n");
            var line = IngestEvents.Lines(1, 1);
            byte[] chunk = [.. Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{line.Length:x}\r\n")), .. line, .. "\r\n"u8];
            foreach (var socket in sockets)
                await socket.SendAsync(head, cancellationToken);
            for (var round = 0; round < Rounds; round++)
            {
                foreach (var socket in sockets)
                    await socket.SendAsync(chunk, cancellationToken);
                await Task.Delay(Settle, TimeProvider.System, cancellationToken);
                results.Add($"connections.mib_round_{round + 1}", ingest.ResidentMebibytes);
            }

            var accepted = 0;
            foreach (var socket in sockets)
                await socket.SendAsync("0\r\n\r\n"u8.ToArray(), cancellationToken);
            foreach (var socket in sockets)
                accepted += await AcceptedAsync(socket, cancellationToken) ? 1 : 0;
            results.Add("connections.accepted", accepted);
        }
        finally
        {
            sockets.ForEach(socket => socket.Dispose());
        }
    }

    private static async Task<bool> AcceptedAsync(Socket socket, CancellationToken cancellationToken)
    {
        var buffer = new byte[512];
        try
        {
            var count = await socket.ReceiveAsync(buffer, cancellationToken);
            return Encoding.ASCII.GetString(buffer, 0, count).StartsWith("HTTP/1.1 202", StringComparison.Ordinal);
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static async Task<List<Socket>> ConnectAsync(IngestProcess ingest, int count, CancellationToken cancellationToken)
    {
        var sockets = new List<Socket>(count);
        for (var i = 0; i < count; i++)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            sockets.Add(socket);
            await socket.ConnectAsync(IPAddress.Loopback, ingest.Port, cancellationToken);
        }

        return sockets;
    }

    /// <summary>The same lines again and again, with pauses.</summary>
    private sealed class Slow(byte[] part, long length, CancellationToken cancellationToken) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            for (long sent = 0; sent < length; sent += part.Length)
            {
                await stream.WriteAsync(part, cancellationToken);
                await Task.Delay(Pause, TimeProvider.System, cancellationToken);
            }
        }

        protected override bool TryComputeLength(out long computed)
        {
            computed = -1;
            return false;
        }
    }
}
