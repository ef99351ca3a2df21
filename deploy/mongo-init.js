// Run by mongosh: one member becomes the replica set rs0; repeated, it changes nothing.
try {
  rs.status();
} catch (error) {
  if (error.codeName !== "NotYetInitialized") throw error;
  rs.initiate({ _id: "rs0", members: [{ _id: 0, host: "mongo:27017" }] });
}
for (let second = 0; !db.hello().isWritablePrimary; second += 1) {
  if (second === 60) throw new Error("The database has had no primary for 60 seconds.");
  sleep(1000);
}
print("The replica set rs0 takes writes.");
