using System.Net;
using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf;

namespace RealTimeMesh.Sidecar.Tests.BlackBox.State;

/// <summary>Encryption at rest, with keys from a file of secrets.</summary>
public sealed class EncryptionTests : IDisposable
{
    private const string SecretStore = """
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata: { name: secretstore }
        spec: { type: secretstores.local.file, version: v1, metadata: [ { name: secretsFile, value: 'FILE' } ] }
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("encryption-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_text_comes_back_without_quotes_and_bytes_as_they_were()
    {
        await using var daprd = await StartAsync("state.in-memory", "primaryEncryptionKey: key");
        Assert.Contains("Automatic encryption enabled for state store mystore", daprd.Log, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NoContent, (await daprd.PostAsync("/v1.0/state/mystore", """[{"key":"key1","value":"value1"},{"key":"n","value":1000000},{"key":"o","value":{"a":[1]}}]""")).Status);
        Assert.Equal("value1", (await daprd.GetAsync("/v1.0/state/mystore/key1")).Body);
        Assert.Equal("1e+06", (await daprd.GetAsync("/v1.0/state/mystore/n")).Body);
        Assert.Equal("""{"a":[1]}""", (await daprd.GetAsync("/v1.0/state/mystore/o")).Body);
        await daprd.Grpc.SaveStateAsync(new SaveStateRequest { StoreName = "mystore", States = { new StateItem { Key = "b", Value = ByteString.CopyFrom(0, 255) } } });
        Assert.Equal(new byte[] { 0, 255 }, (await daprd.Grpc.GetBulkStateAsync(new GetBulkStateRequest { StoreName = "mystore", Keys = { "b" } })).Items[0].Data.ToByteArray());
        Assert.Equal(HttpStatusCode.NoContent, (await daprd.PostAsync("/v1.0/state/mystore/transaction", """{"operations":[{"operation":"upsert","request":{"key":"t","value":"in one"}}]}""")).Status);
        Assert.Equal("in one", (await daprd.GetAsync("/v1.0/state/mystore/t")).Body);
    }

    [Fact]
    public async Task A_new_key_writes_while_the_old_one_still_reads()
    {
        await using (var before = await StartAsync("state.sqlite", "primaryEncryptionKey: key"))
            await before.PostAsync("/v1.0/state/mystore", """[{"key":"old","value":"written with the old key"}]""");
        await using (var after = await StartAsync("state.sqlite", "primaryEncryptionKey: newkey", "secondaryEncryptionKey: key"))
        {
            Assert.Equal("written with the old key", (await after.GetAsync("/v1.0/state/mystore/old")).Body);
            await after.PostAsync("/v1.0/state/mystore", """[{"key":"new","value":"written with the new key"}]""");
        }

        await using (var old = await StartAsync("state.sqlite", "primaryEncryptionKey: key"))
        {
            var answer = await old.GetAsync("/v1.0/state/mystore/new");
            Assert.Equal((HttpStatusCode.InternalServerError, "ERR_STATE_GET"), (answer.Status, answer.Code));
        }

        await using var plain = await StartAsync("state.sqlite");
        var stored = (await plain.Grpc.GetStateAsync(new GetStateRequest { StoreName = "mystore", Key = "new" })).Data.ToStringUtf8();
        Assert.Matches("^[A-Za-z0-9+/]+=*\\|\\|newkey$", stored);
    }

    [Fact]
    public async Task A_key_in_the_file_itself_is_refused()
    {
        await using var daprd = await Daprd.LaunchAsync(new DaprdSetup { Resources = [Manifests.InMemoryState("mystore", ("primaryEncryptionKey", "00112233445566778899aabbccddeeff"))] });
        await daprd.LoggedAsync("expected a secretKeyRef and auth.secretStore");
    }

    private async Task<Daprd> StartAsync(string type, params string[] keys)
    {
        var secrets = Path.Combine(_folder, "secrets.json");
        await File.WriteAllTextAsync(secrets, """{"key":"16dde71aeb50c2f8f0f3f1b0a7b6c5d4","newkey":"16dde71aeb50c2f8f0f3f1b0a7b6c5d416dde71aeb50c2f8f0f3f1b0a7b6c5d4"}""");
        var settings = keys.Select(key => $"  - name: {key.Split(": ")[0]}\n    secretKeyRef:\n      name: {key.Split(": ")[1]}\n");
        var store = $"apiVersion: dapr.io/v1alpha1\nkind: Component\nmetadata:\n  name: mystore\nspec:\n  type: {type}\n  version: v1\n  metadata:\n  - name: connectionString\n    value: 'file:{Path.Combine(_folder, "state.db")}'\n{string.Concat(settings)}auth:\n  secretStore: secretstore\n";
        return await Daprd.StartAsync(new DaprdSetup { AppId = "app1", Resources = [store, SecretStore.Replace("FILE", secrets, StringComparison.Ordinal)] });
    }
}
