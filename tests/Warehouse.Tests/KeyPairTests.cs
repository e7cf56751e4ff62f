using System.Net;
using System.Security.Cryptography;
using RealTimeMesh.Snowflake;

namespace RealTimeMesh.Warehouse.Tests;

public sealed class KeyPairTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Token_of_the_configured_key_is_let_in_and_no_other()
    {
        using var rsa = RSA.Create(2048);
        using var stranger = RSA.Create(2048);
        await using var host = await WarehouseHost.StartAsync($"--MESH_WAREHOUSE_PUBLIC_KEY={rsa.ExportSubjectPublicKeyInfoPem()}");
        using var none = await host.PostAsync(new { statement = "select 1" });
        Assert.Equal(HttpStatusCode.Unauthorized, none.StatusCode);

        using var good = host.Client(options => options with { Account = "org-acct.eu-west-1", User = "loader", PrivateKeyPem = rsa.ExportPkcs8PrivateKeyPem() });
        Assert.Equal("1", (await good.ExecuteAsync("select 1", Cancel)).Rows[0][0]);

        using var bad = host.Client(options => options with { Account = "org", User = "loader", PrivateKeyPem = stranger.ExportPkcs8PrivateKeyPem() });
        Assert.Equal("390144", (await Assert.ThrowsAsync<SnowflakeException>(() => bad.ExecuteAsync("select 1", Cancel))).Code);
    }

    [Fact]
    public async Task Expired_token_is_refused()
    {
        using var rsa = RSA.Create(2048);
        await using var host = await WarehouseHost.StartAsync($"--MESH_WAREHOUSE_PUBLIC_KEY={rsa.ExportSubjectPublicKeyInfoPem()}");
        var past = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(TimeProvider.System.GetUtcNow().AddHours(-2));
        using var client = new SnowflakeClient(new SnowflakeOptions { Endpoint = host.Address, Account = "a", User = "u", PrivateKeyPem = rsa.ExportPkcs8PrivateKeyPem() }, past);
        Assert.Contains("expired", (await Assert.ThrowsAsync<SnowflakeException>(() => client.ExecuteAsync("select 1", Cancel))).Message, StringComparison.Ordinal);
    }
}
