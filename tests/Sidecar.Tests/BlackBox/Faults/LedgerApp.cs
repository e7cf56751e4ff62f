namespace RealTimeMesh.Sidecar.Tests.BlackBox.Faults;

/// <summary>An HTTP app that notes every event in a ledger, and may be killed and started again on its port.</summary>
internal sealed class LedgerApp(DeliveryLedger ledger) : IAsyncDisposable
{
    private TestApp? _app;

    public int Port { get; } = FreePorts.Next();

    public static async Task<LedgerApp> StartAsync(DeliveryLedger ledger)
    {
        var app = new LedgerApp(ledger);
        await app.StartAsync();
        return app;
    }

    public async Task StartAsync()
    {
        _app = await TestApp.StartAsync(FaultRun.Subscriptions, Port);
        _app.Answer = request =>
        {
            ledger.Record(request.Json.GetProperty("data"));
            return (200, "");
        };
    }

    public async Task KillAsync()
    {
        if (_app is { } app)
            await app.KillAsync();
        _app = null;
    }

    public async ValueTask DisposeAsync() => await KillAsync();
}
