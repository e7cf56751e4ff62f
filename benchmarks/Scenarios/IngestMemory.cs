using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using RealTimeMesh.Benchmarks.Load;

namespace RealTimeMesh.Benchmarks.Scenarios;

/// <summary>
/// Resident memory of Ingestion, in a process of its own for each, under clients that mean no good: one that sends a body
/// of 2 GB slowly, some that send requests and never read an answer, and 10,000 connections, silent ones and ones that
/// each send a line now and then.
/// </summary>
/// <param name="name">Name of the scenario.</param>
/// <param name="megabytes">Length of the slow body.</param>
/// <param name="steps">Which of <see cref="AllSteps"/>.</param>
internal sealed class IngestMemory(string name, double megabytes, IReadOnlyList<string> steps) : IScenario
{
    private const string Slow = "slow-sender";
    private const string Mute = "never-reads";
    private const string Silent = "idle";
    private const string Many = "connections";
    private const int Lines = 5_000;
    private const int Rounds = 12;

    /// <summary>A pause after each part of the slow body: 1 MB in 40 ms is at most 25 MB/s.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(40);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan MuteTime = TimeSpan.FromMinutes(3);

    public static IReadOnlyList<string> AllSteps { get; } = [Slow, Mute, Silent, Many];

    public string Name => name;

    public string Description => steps.Count > 1
        ? $"memory of Ingestion under a slow sender of 2 GB, clients that never read, 10,000 connections (--megabytes N); {string.Join(", ", AllSteps.Select(step => $"{name}-{step}"))} for one of them"
        : $"only {steps[0]} of ingest-memory";

    public async Task<BenchmarkReport> RunAsync(CancellationToken cancellationToken)
    {
        var results = new Measurements();
        foreach (var step in steps)
        {
            await using var ingest = await IngestProcess.StartAsync([], cancellationToken);
            results.Add($"{step}.mib_before", ingest.ResidentMebibytes);
            await SampleAsync(step, ingest, results, () => StepAsync(step, ingest, results, cancellationToken), cancellationToken);
            await Task.Delay(Settle, TimeProvider.System, cancellationToken);
            results.Add($"{step}.mib_after", ingest.ResidentMebibytes);
            var use = await ingest.RuntimeAsync(cancellationToken);
            results.Add($"{step}.heap_committed_mib_after", use.CommittedBytes / 1024 / 1024);
            results.Add($"{step}.mib_peak", ingest.PeakMebibytes);
        }

        return new BenchmarkReport(
            Name,
            results.Values,
            string.Create(CultureInfo.InvariantCulture, $"one NDJSON request of {megabytes:N0} MB at 25 MB/s or slower; {MuteClients.Connections} connections that send requests of {Lines:N0} bad lines, as far as they are taken, read nothing, and come again where they are cut, {MuteTime.TotalMinutes:N0} minutes; {ManyClients.Connections:N0} connections that say nothing; as many with an open NDJSON request, {Rounds} rounds of one line each; the largest resident memory by thirds of each step, and what requests hold by Ingestion's own count."));
    }

    private async Task StepAsync(string step, IngestProcess ingest, Measurements results, CancellationToken cancellationToken)
    {
        switch (step)
        {
            case Slow:
                await SlowSenderAsync(ingest, results, cancellationToken);
                break;
            case Mute:
                var (requests, cuts) = await MuteClients.RunAsync(ingest.Port, Lines, MuteTime, cancellationToken);
                results.Add($"{step}.requests_sent", requests);
                results.Add($"{step}.connections_cut", cuts);
                break;
            case Silent:
                await using (await ManyClients.ConnectAsync(ingest.Port, cancellationToken))
                    await Task.Delay(3 * Settle, TimeProvider.System, cancellationToken);
                break;
            default:
                await using (var clients = await ManyClients.ConnectAsync(ingest.Port, cancellationToken))
                {
                    await clients.OpenAsync(cancellationToken);
                    for (var round = 0; round < Rounds; round++)
                    {
                        await clients.SendLineAsync(cancellationToken);
                        await Task.Delay(Settle, TimeProvider.System, cancellationToken);
                    }

                    results.Add($"{step}.accepted", await clients.FinishAsync(cancellationToken));
                }

                break;
        }
    }

    /// <summary>Runs a step and takes note of the largest memory in each third of its time.</summary>
    private static async Task SampleAsync(string step, IngestProcess ingest, Measurements results, Func<Task> run, CancellationToken cancellationToken)
    {
        var samples = new List<double> { ingest.ResidentMebibytes };
        double held = 0;
        var running = run();
        while (await Task.WhenAny(running, Task.Delay(Poll, TimeProvider.System, cancellationToken)) != running)
        {
            samples.Add(ingest.ResidentMebibytes);
            held = Math.Max(held, (await ingest.RuntimeAsync(cancellationToken)).HeldBytes);
        }

        await running;
        samples.Add(ingest.ResidentMebibytes);
        for (var third = 0; third < 3; third++)
            results.Add($"{step}.mib_third_{third + 1}", samples.Skip(samples.Count * third / 3).Take(Math.Max(1, samples.Count / 3)).Max());
        results.Add($"{step}.held_mib_most", held / 1024 / 1024);
    }

    private async Task SlowSenderAsync(IngestProcess ingest, Measurements results, CancellationToken cancellationToken)
    {
        using var client = new HttpClient { BaseAddress = ingest.Address, Timeout = Timeout.InfiniteTimeSpan };
        using var body = new SlowBody(IngestEvents.Lines(Lines, 1), (long)(megabytes * 1_000_000), cancellationToken);
        body.Headers.ContentType = new MediaTypeHeaderValue("application/x-ndjson");
        var started = TimeProvider.System.GetTimestamp();
        using var response = await client.PostAsync($"/v1/streams/{IngestEvents.Plain}/events", body, cancellationToken);
        var answer = await response.Content.ReadAsStringAsync(cancellationToken);
        if (response.StatusCode != HttpStatusCode.Accepted)
            throw new InvalidOperationException($"the slow request's answer is {(int)response.StatusCode}: {answer}; expected 202");
        results.Add($"{Slow}.seconds", TimeProvider.System.GetElapsedTime(started).TotalSeconds);
    }

    /// <summary>The same lines again and again, with pauses.</summary>
    private sealed class SlowBody(byte[] part, long length, CancellationToken cancellationToken) : HttpContent
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
