namespace RealTimeMesh.Pipelines.Tests;

public sealed class RetryPolicyTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("retries-").FullName;

    [Fact]
    public void A_policy_has_sensible_values_for_what_it_does_not_say()
    {
        var (policies, faults) = Load("retries: [{ topic: a.failed, of: a, consumer: app, path: /a }, { topic: b.failed, consumer: app, return: b.retry, dead: b.dead, tiers: [1s] }]");
        Assert.Empty(faults);
        Assert.Equal((3, "a.dlq", "/a", null, false), (policies[0].Tiers.Count, policies[0].Dead, policies[0].Path, policies[0].Return, policies[0].KeepKeyOrder));
        Assert.Equal("b.dead", policies[1].Dead);
        Assert.Equal([TimeSpan.FromSeconds(1)], policies[1].Tiers);
    }

    [Theory]
    [InlineData("", "documents")]
    [InlineData("retries: {", "YAML")]
    [InlineData("retry: []", "unknown key 'retry'")]
    [InlineData("retries: [{ consumer: a, path: p, of: x }]", "no such key")]
    [InlineData("retries: [{ topic: t, consumer: a, of: x }]", "neither 'return' nor 'path'")]
    [InlineData("retries: [{ topic: t, consumer: a, of: x, path: p, return: r }]", "both 'return' and 'path'")]
    [InlineData("retries: [{ topic: t, consumer: a, path: p }]", "neither 'dead' nor 'of'")]
    [InlineData("retries: [{ topic: t, consumer: a, of: x, return: x }]", "'return: x'")]
    [InlineData("retries: [{ topic: t, consumer: a, path: p, dead: t }]", "'dead: t'")]
    [InlineData("retries: [{ topic: t, consumer: a, of: x, return: r, keepKeyOrder: true }]", "'keepKeyOrder' with 'return'")]
    [InlineData("retries: [{ topic: t, consumer: a, of: x, path: p, tiers: [10] }]", "'10'")]
    [InlineData("retries: [{ topic: t, consumer: a, of: x, path: p, tiers: [] }]", "0 tiers")]
    [InlineData("retries: [{ topic: t, consumer: a, of: x, path: p, tiers: [8d] }]", "8.00:00:00")]
    [InlineData("retries: [{ topic: t, consumer: a, of: x, path: p }, { topic: t, consumer: b, of: x, path: p }]", "'t' twice")]
    public void A_fault_is_told_with_what_was_found(string yaml, string found)
    {
        var (_, faults) = Load(yaml);
        var fault = faults[0];
        Assert.Contains(found, $"{fault.Element} {fault.Found}", StringComparison.Ordinal);
        Assert.NotEqual("", fault.Cure);
    }

    [Fact]
    public void Nothing_where_no_file_is_there() => Assert.Empty(RetryPolicyLoader.Load(Path.Combine(_folder, "none")).Policies);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private (IReadOnlyList<RetryPolicy> Policies, IReadOnlyList<Contracts.ConfigurationFault> Faults) Load(string yaml)
    {
        File.WriteAllText(Path.Combine(_folder, "policy.yaml"), yaml);
        return RetryPolicyLoader.Load(_folder);
    }
}
