namespace RealTimeMesh.Sidecar.Tests.BlackBox.Faults;

/// <summary>A load with faults at seeded moments: everything acknowledged arrives, in order where the broker has one.</summary>
internal sealed class FaultRun
{
    public const string PubSub = "ps";
    public const string Topic = "numbers";
    public const string Subscriptions = """[{"pubsubname":"ps","topic":"numbers","route":"/numbers"}]""";
    public const int Keys = 4;

    public required Daprd Daprd { get; init; }

    public required DeliveryLedger Ledger { get; init; }

    public required int Seed { get; init; }

    public int NumbersPerKey { get; init; } = 150;

    /// <summary>How often the fault happens.</summary>
    public int Faults { get; init; } = 2;

    public bool InOrder { get; init; } = true;

    /// <summary>Longest wait of the fault, from the break to the repair.</summary>
    public TimeSpan LongestBreak { get; init; } = TimeSpan.FromMilliseconds(400);

    /// <param name="breakAsync">Makes the fault.</param>
    /// <param name="repairAsync">Ends it.</param>
    public async Task RunAsync(Func<Task> breakAsync, Func<Task> repairAsync)
    {
        var output = TestContext.Current.TestOutputHelper!;
        var random = new Random(Seed);
        var total = Keys * NumbersPerKey;
        var moments = Enumerable.Range(0, Faults).Select(_ => random.Next(total / 10, total * 8 / 10)).Order().ToArray();
        output.WriteLine($"seed {Seed}: breaks after {string.Join(", ", moments)} of {total} acknowledged publishes");
        var load = new NumberedLoad(Daprd, PubSub, Topic, Keys);
        var publishing = load.RunAsync(NumbersPerKey);
        foreach (var moment in moments)
        {
            await load.AcknowledgedAsync(moment);
            await breakAsync();
            await Task.Delay(LongestBreak * random.NextDouble(), TimeProvider.System);
            Ledger.Recovering();
            await repairAsync();
            await Eventually.TrueAsync(() => Ledger.Recovery is not null || Ledger.Distinct == total, () => $"a delivery after the repair; {load.Acknowledged} acknowledged, {Ledger.Distinct} delivered:\n{Daprd.Log}");
            output.WriteLine($"first delivery {Ledger.Recovery?.TotalMilliseconds:F0} ms after the repair began");
        }

        await publishing;
        await Ledger.ReceivedAsync(total);
        output.WriteLine($"{load.Acknowledged} acknowledged, {load.Failed} attempts failed, {Ledger.Repeated} delivered again");
        if (InOrder)
            Ledger.AssertInOrder(Keys, NumbersPerKey);
    }
}
