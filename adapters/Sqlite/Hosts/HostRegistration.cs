namespace RealTimeMesh.Sqlite;

/// <summary>A host's row, renewed until it is disposed.</summary>
internal sealed class HostRegistration(string id, string appId, string address, Action lost) : IAsyncDisposable
{
    private SqliteHosts? _hosts;
    private PeriodicTimer? _timer;
    private Task _renewing = Task.CompletedTask;

    public string Id => id;

    public string AppId => appId;

    public string Address => address;

    public void Begin(SqliteHosts hosts, TimeSpan interval, TimeProvider time)
    {
        _hosts = hosts;
        _timer = new PeriodicTimer(interval, time);
        _renewing = RenewAsync(_timer, hosts);
    }

    public async ValueTask DisposeAsync()
    {
        _timer?.Dispose();
        await _renewing;
        if (_hosts is not null)
            await _hosts.RemoveAsync(this);
    }

    private async Task RenewAsync(PeriodicTimer timer, SqliteHosts hosts)
    {
        while (await timer.WaitForNextTickAsync())
        {
            if (await hosts.RenewAsync(this))
                continue;
            lost();
            return;
        }
    }
}
